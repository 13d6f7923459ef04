import {X509Certificate} from 'node:crypto'
import {constants, existsSync, readFileSync, type Stats, statSync} from 'node:fs'
import {access, statfs} from 'node:fs/promises'
import {createServer} from 'node:net'
import {join} from 'node:path'
import type {Config} from '../config.ts'
import {examineDatabase} from '../store/examine-database.ts'
import {DATABASE_FILE} from './backup-manifest.ts'

/** One thing that was looked at. */
export interface Finding {
  name: string
  state: 'ok' | 'warn' | 'fail'
  message: string
  remedy?: string
}

type Judgement = Omit<Finding, 'name'>

const LOW_BYTES = 1024 ** 3
const TOO_LOW_BYTES = 100 * 1024 ** 2
const KEY_BYTES = 32
const EXPIRES_SOON_MS = 14 * 24 * 3_600_000

/** Looks at what a server with these settings needs, and changes nothing; it may run meanwhile. Never throws. */
export async function examineSettings(config: Config): Promise<Finding[]> {
  const {dataFolder} = config
  const database = join(dataFolder, DATABASE_FILE)
  const checks: [name: string, look: () => Promise<Judgement> | Judgement][] = [
    ['data folder', () => judgeFolder(dataFolder)],
    ['disk', () => judgeDisk(dataFolder)],
    ['database', () => judgeDatabase(database)],
    ['secret key', () => judgeSecret(join(dataFolder, 'secret.key'), existsSync(database))],
    ['address', () => judgeAddress(config.http, existsSync(join(dataFolder, 'server.json')))],
    ...(config.http.tlsCert ? [['certificate', () => judgeCertificate(config.http)] as [string, () => Judgement]] : []),
  ]
  const findings: Finding[] = []
  for (const [name, look] of checks) {
    findings.push({name, ...(await attempt(look))})
  }
  return findings
}

async function attempt(look: () => Promise<Judgement> | Judgement): Promise<Judgement> {
  try {
    return await look()
  } catch (error) {
    const [message = '', ...remedy] = (error as Error).message.split('\n')
    return {state: 'fail', message, ...(remedy.length > 0 && {remedy: remedy.join('\n')})}
  }
}

async function judgeFolder(folder: string): Promise<Judgement> {
  const facts = statSync(folder, {throwIfNoEntry: false})
  if (!facts) return {state: 'warn', message: `${folder} is not there`, remedy: 'The first start makes it'}
  if (!facts.isDirectory()) return {state: 'fail', message: `${folder} is no folder`, remedy: 'Set dataFolder'}
  await access(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  if (isOpenToOthers(facts)) {
    return {state: 'warn', message: `others may look into ${folder}`, remedy: `Run: chmod 700 ${folder}`}
  }
  return {state: 'ok', message: folder}
}

async function judgeDisk(folder: string): Promise<Judgement> {
  const {bavail, bsize} = await statfs(existsSync(folder) ? folder : '.')
  const free = bavail * bsize
  const message = `${(free / 1024 ** 3).toFixed(1)} GiB are free`
  if (free >= LOW_BYTES) return {state: 'ok', message}
  const remedy = 'Make room, or lower execution.keep, execution.keepDays and bundle.keepVersions'
  return {state: free < TOO_LOW_BYTES ? 'fail' : 'warn', message, remedy}
}

function judgeDatabase(file: string): Judgement {
  if (!existsSync(file)) return {state: 'ok', message: 'there is none yet'}
  const {damage, format, newest} = examineDatabase(file)
  if (damage.length > 0) return {state: 'fail', message: damage.join('; '), remedy: 'Restore a backup'}
  if (format > newest) {
    const message = `it has format ${format} and this release knows ${newest}`
    return {state: 'fail', message, remedy: 'Use the release that wrote it, or a newer one'}
  }
  return {state: 'ok', message: format === newest ? 'it is sound' : 'it is sound; the next start brings it up to date'}
}

function judgeSecret(file: string, isNeeded: boolean): Judgement {
  const facts = statSync(file, {throwIfNoEntry: false})
  if (!facts) {
    if (!isNeeded) return {state: 'ok', message: 'the first start makes it'}
    return {state: 'fail', message: `${file} is missing`, remedy: 'Put the key file of this data folder there'}
  }
  if (isOpenToOthers(facts)) return {state: 'fail', message: `others may use ${file}`, remedy: `Run: chmod 400 ${file}`}
  if (facts.size !== KEY_BYTES) {
    return {
      state: 'fail',
      message: `${file} has ${facts.size} bytes, not ${KEY_BYTES}`,
      remedy: 'Restore the right one',
    }
  }
  return {state: 'ok', message: file}
}

/** A server that uses the folder has the address itself. */
async function judgeAddress({host, port}: Config['http'], isServed: boolean): Promise<Judgement> {
  const address = `${host}:${port}`
  if (isServed || port === 0)
    return {state: 'ok', message: isServed ? 'a server uses this data folder' : 'any free port'}
  const code = await listenOnce(host, port)
  if (code === undefined) return {state: 'ok', message: `${address} is free`}
  const message = code === 'EADDRINUSE' ? `another program listens on ${address}` : `${address}: ${code}`
  return {state: 'fail', message, remedy: 'Set http.host and http.port'}
}

function listenOnce(host: string, port: number): Promise<string | undefined> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen({host, port}, () => server.close(() => resolve(undefined)))
  })
}

function judgeCertificate({tlsCert, tlsKey}: Config['http']): Judgement {
  const {validTo} = new X509Certificate(readFileSync(tlsCert))
  const left = Date.parse(validTo) - Date.now()
  if (left < EXPIRES_SOON_MS) {
    const message = left < 0 ? `it has expired at ${validTo}` : `it expires at ${validTo}`
    return {state: left < 0 ? 'fail' : 'warn', message, remedy: 'Renew it; a server that runs takes it up by itself'}
  }
  const facts = statSync(tlsKey)
  if (isOpenToOthers(facts))
    return {state: 'warn', message: `others may use ${tlsKey}`, remedy: `Run: chmod 600 ${tlsKey}`}
  return {state: 'ok', message: `it is valid until ${validTo}`}
}

function isOpenToOthers({mode}: Stats): boolean {
  return process.platform !== 'win32' && (mode & 0o077) !== 0
}
