/** A small SNMP agent inside this process, for machines without snmpd and for devices that no machine here is. */
import {once} from 'node:events'
import type {Agent} from 'net-snmp'
import {findUdpPort} from './udp-port.ts'

export interface SnmpAgentOptions {
  address?: string
  port?: number
  /** v2c community; `public` when left out. */
  community?: string
  /** v3 user with SHA and AES. */
  user?: {name: string; authKey: string; privKey: string}
  sysObjectId?: string
  sysName?: string
  sysDescr?: string
  sysLocation?: string
  /** Scalars of a vendor's own MIB, by OID with the closing `.0`. */
  scalars?: {[oid: string]: string | number | Buffer}
  /** Ethernet addresses of its interfaces, `02:00:00:00:00:01`. */
  interfaces?: readonly string[]
}

export interface SnmpAgent {
  readonly address: string
  readonly port: number
  stop(): Promise<void>
}

const SYSTEM = '1.3.6.1.2.1.1'

export async function withSnmpAgent<T>(options: SnmpAgentOptions, run: (agent: SnmpAgent) => Promise<T>): Promise<T> {
  const agent = await startSnmpAgent(options)
  try {
    return await run(agent)
  } finally {
    await agent.stop()
  }
}

/** Resolves when it listens. The caller stops it. */
export async function startSnmpAgent(options: SnmpAgentOptions = {}): Promise<SnmpAgent> {
  const snmp = await import('net-snmp')
  const address = options.address ?? '127.0.0.1'
  const port = options.port ?? (await findUdpPort(address))
  const transport = address.includes(':') ? 'udp6' : 'udp4'
  // What is wrong with a request is its sender's affair: the agent reports it there.
  const agent = snmp.createAgent({address, port, transport}, () => {})
  const [socket] = Object.values(agent.listener.sockets)
  if (!socket) throw new Error('Cannot start the agent: it has no socket')
  await once(socket, 'listening')
  agent.getAuthorizer().addCommunity(options.community ?? 'public')
  if (options.user) {
    const {sha} = snmp.AuthProtocols
    const {aes} = snmp.PrivProtocols
    const level = snmp.SecurityLevel.authPriv ?? 0
    agent
      .getAuthorizer()
      .addUser({...options.user, level, ...(sha && {authProtocol: sha}), ...(aes && {privProtocol: aes})})
  }
  addSystem(snmp, agent, options)
  addInterfaces(snmp, agent, options.interfaces ?? ['02:00:00:00:00:01'])
  return {address, port, stop: () => new Promise(resolve => agent.close(resolve))}
}

type Library = typeof import('net-snmp')

function addSystem(snmp: Library, agent: Agent, options: SnmpAgentOptions): void {
  addScalars(snmp, agent, {
    [`${SYSTEM}.1.0`]: options.sysDescr ?? 'Built-in test agent',
    [`${SYSTEM}.4.0`]: 'ops@example.test',
    [`${SYSTEM}.5.0`]: options.sysName ?? 'agent',
    [`${SYSTEM}.6.0`]: options.sysLocation ?? 'Rack 1',
    ...options.scalars,
  })
  addScalar(snmp, agent, {oid: `${SYSTEM}.2.0`, type: 'OID', value: options.sysObjectId ?? '1.3.6.1.4.1.8072.3.2.10'})
  addScalar(snmp, agent, {oid: `${SYSTEM}.3.0`, type: 'TimeTicks', value: 4200})
}

function addScalars(snmp: Library, agent: Agent, scalars: {[oid: string]: string | number | Buffer}): void {
  for (const [oid, value] of Object.entries(scalars)) {
    addScalar(snmp, agent, {oid, type: typeof value === 'number' ? 'Integer' : 'OctetString', value})
  }
}

function addScalar(snmp: Library, agent: Agent, {oid, type, value}: {oid: string; type: string; value: unknown}): void {
  agent.getMib().registerProvider({
    name: oid,
    type: snmp.MibProviderType.Scalar,
    oid: oid.replace(/\.0$/, ''),
    scalarType: snmp.ObjectType[type],
    maxAccess: snmp.MaxAccess['read-only'],
  })
  agent.getMib().setScalarValue(oid, value)
}

function addInterfaces(snmp: Library, agent: Agent, addresses: readonly string[]): void {
  const {Integer, OctetString, Gauge} = snmp.ObjectType
  const column = (number: number, name: string, type: number | undefined): object => ({
    number,
    name,
    type,
    maxAccess: snmp.MaxAccess['read-only'],
  })
  agent.getMib().registerProvider({
    name: 'ifEntry',
    type: snmp.MibProviderType.Table,
    oid: '1.3.6.1.2.1.2.2.1',
    maxAccess: snmp.MaxAccess['not-accessible'],
    tableColumns: [
      column(1, 'ifIndex', Integer),
      column(2, 'ifDescr', OctetString),
      column(3, 'ifType', Integer),
      column(5, 'ifSpeed', Gauge),
      column(6, 'ifPhysAddress', OctetString),
      column(7, 'ifAdminStatus', Integer),
      column(8, 'ifOperStatus', Integer),
    ],
    tableIndex: [{columnName: 'ifIndex'}],
  })
  for (const [index, mac] of addresses.entries()) {
    const bytes = Buffer.from(mac.replaceAll(':', ''), 'hex')
    agent.getMib().addTableRow('ifEntry', [index + 1, `eth${index}`, 6, 1_000_000_000, bytes, 1, 1])
  }
}
