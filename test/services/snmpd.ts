/** Debian's net-snmp agent (package `snmpd`) on loopback: a real one, with nothing outside its temporary folder. */
import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {findProgram} from '../support/needs.ts'
import {withTempFolder} from '../support/temp.ts'
import {findUdpPort} from './udp-port.ts'

export interface SnmpdOptions {
  address?: string
  port?: number
  sysName?: string
  /** Lines added to snmpd.conf. */
  config?: readonly string[]
}

export interface Snmpd {
  readonly address: string
  readonly port: number
  /** Sets what `SNMPD.customOid` answers from now on. */
  setCustomValue(value: number): Promise<void>
  /** Resolves when the process is gone. Idempotent. */
  stop(): Promise<void>
  /** The same agent again, one boot later. */
  restart(): Promise<void>
}

/** What every agent of this module knows. */
export const SNMPD = {
  community: 'public',
  authKey: 'authpass1234',
  privKey: 'privpass1234',
  /** An integer of a vendor's own MIB, 42 at first. */
  customOid: '1.3.6.1.4.1.8072.9999.9999.1.0',
  /** `SERIAL-<sysName>`. */
  serialOid: '1.3.6.1.4.1.8072.9999.8888.1.0',
  users: {
    plain: 'createUser plain\nrouser plain noauth',
    signer: 'createUser signer SHA-256 authpass1234\nrouser signer auth',
    itsm: 'createUser itsm SHA authpass1234 AES privpass1234\nrouser itsm priv',
    strong: 'createUser strong SHA-512 authpass1234 AES-256 privpass1234\nrouser strong priv',
    old: 'createUser old MD5 authpass1234 AES privpass1234\nrouser old priv',
  },
} as const

const READY = 'NET-SNMP version'
const START_MS = 10_000
const STOP_MS = 5000

export async function withSnmpd<T>(options: SnmpdOptions, run: (agent: Snmpd) => Promise<T>): Promise<T> {
  return withTempFolder(async folder => {
    const agent = await startSnmpd(folder, options)
    try {
      return await run(agent)
    } finally {
      await agent.stop()
    }
  })
}

/** An agent on each of 127.0.0.`first` to 127.0.0.`last`, all on one port, called `host-<last part>`. */
export async function withSnmpdRange<T>(
  {first, last, ...options}: SnmpdOptions & {first: number; last: number},
  run: (port: number) => Promise<T>,
): Promise<T> {
  const port = options.port ?? (await findUdpPort(`127.0.0.${first}`))
  return withTempFolder(async folder => {
    const started = await Promise.allSettled(
      Array.from({length: last - first + 1}, (_, index) => {
        const part = first + index
        const own = {...options, port, address: `127.0.0.${part}`, sysName: `host-${part}`}
        return startSnmpd(join(folder, String(part)), own)
      }),
    )
    const agents = started.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    try {
      for (const result of started) if (result.status === 'rejected') throw result.reason
      return await run(port)
    } finally {
      await Promise.all(agents.map(agent => agent.stop()))
    }
  })
}

/** Resolves when it answers. The caller stops it. */
export async function startSnmpd(folder: string, options: SnmpdOptions = {}): Promise<Snmpd> {
  const address = options.address ?? '127.0.0.1'
  const port = options.port ?? (await findUdpPort(address))
  await writeFiles(folder, {...options, address, port})
  let process = await spawnSnmpd(folder)
  const stop = (): Promise<void> => stopProcess(process)
  return {
    address,
    port,
    stop,
    setCustomValue: value => writeFile(join(folder, 'value'), String(value)),
    async restart() {
      await stop()
      process = await spawnSnmpd(folder)
    },
  }
}

async function writeFiles(folder: string, options: SnmpdOptions & {address: string; port: number}): Promise<void> {
  const {address, port, sysName = 'agent', config = []} = options
  await mkdir(join(folder, 'persist'), {recursive: true})
  await writeFile(join(folder, 'value'), '42')
  await writeFile(join(folder, 'pass.sh'), PASS_SCRIPT, {mode: 0o700})
  const lines = [
    `agentaddress ${address.includes(':') ? `udp6:[${address}]` : `udp:${address}`}:${port}`,
    `sysdescr Test agent ${sysName}`,
    `sysname ${sysName}`,
    'syslocation Rack 1',
    'syscontact ops@example.test',
    `rocommunity ${SNMPD.community}`,
    `rocommunity6 ${SNMPD.community}`,
    ...Object.values(SNMPD.users),
    `pass_persist .1.3.6.1.4.1.8072.9999.9999 ${join(folder, 'pass.sh')}`,
    `override .${SNMPD.serialOid} octet_str "SERIAL-${sysName}"`,
    ...config,
  ]
  await writeFile(join(folder, 'snmpd.conf'), `${lines.join('\n')}\n`)
}

/** Plain `pass` results are cached by snmpd for 30 s; this one reads its file at every request. */
const PASS_SCRIPT = `#!/bin/bash
B=.1.3.6.1.4.1.8072.9999.9999; D=$(dirname "$0")
while read -r cmd; do case "$cmd" in
 PING) echo PONG ;;
 get|getnext) read -r oid
   case "$cmd $oid" in
    "get $B.1.0"|"getnext $B"|"getnext $B.1") echo $B.1.0; echo integer; cat "$D/value"; echo ;;
    *) echo NONE ;;
   esac ;;
 set) read -r oid; read -r val; echo not-writable ;;
 "") exit 0 ;;
esac; done
`

async function spawnSnmpd(folder: string): Promise<ChildProcess> {
  const program = findProgram('snmpd')
  if (!program) throw new Error('Cannot start snmpd: it is not installed\nInstall the Debian package snmpd')
  // Only this configuration file, no root needed, log on stdout, no socket but ours.
  const args = ['-f', '-r', '-C', '-c', join(folder, 'snmpd.conf'), '-Lo', '-I', '-smux,mteTrigger,mteTriggerConf']
  const env = {...process.env, SNMP_PERSISTENT_DIR: join(folder, 'persist'), SNMPCONFPATH: folder, MIBS: ''}
  const child = spawn(program, args, {cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit']})
  let log = ''
  const ready = new Promise<boolean>(resolve => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log = `${log}${text}`.slice(-4000)
      if (log.includes(READY)) resolve(true)
    })
    child.once('close', () => resolve(false))
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), START_MS)
  const started = await ready
  clearTimeout(timer)
  if (!started) throw new Error(`Cannot start snmpd: it ended\n${log}`)
  return child
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await exited
  clearTimeout(timer)
}
