/** The part of net-snmp that is used here; its own typings lag behind it. */
declare module 'net-snmp' {
  import type {EventEmitter} from 'node:events'

  interface Varbind {
    oid: string
    type: number
    value: unknown
  }
  interface User {
    name: string
    level: number
    authProtocol?: string
    authKey?: string
    privProtocol?: string
    privKey?: string
  }
  interface SessionOptions {
    port: number
    transport: 'udp4' | 'udp6'
    /** Milliseconds. */
    timeout: number
    retries: number
    version: number
    context: string
    backwardsGetNexts: boolean
    idBitsSize: number
    dgramModule: {createSocket(): object}
  }
  interface Session extends EventEmitter {
    get(oids: string[], done: (error: Error | null, varbinds: Varbind[]) => void): void
    /** `feed` ends the walk by returning true. */
    subtree(
      oid: string,
      maxRepetitions: number,
      feed: (varbinds: Varbind[]) => boolean,
      done: (error: Error | null) => void,
    ): void
    close(): void
  }
  interface Agent {
    getMib(): {
      registerProvider(definition: object): void
      setScalarValue(name: string, value: unknown): void
      addTableRow(name: string, row: unknown[]): void
    }
    getAuthorizer(): {addCommunity(community: string): void; addUser(user: User): void}
    listener: {sockets: {[key: string]: import('node:dgram').Socket}}
    close(done?: () => void): void
  }

  type Codes = {[name: string]: number} & {[code: number]: string}
  const Version2c: number
  const Version3: number
  const ObjectType: Codes
  const MaxAccess: Codes
  const MibProviderType: Codes
  const SecurityLevel: Codes
  const AuthProtocols: {[name: string]: string}
  const PrivProtocols: {[name: string]: string}
  const Authentication: {authToKeyCache: object}
  function isVarbindError(varbind: Varbind): boolean
  function createSession(target: string, community: string, options: SessionOptions): Session
  function createV3Session(target: string, user: User, options: SessionOptions): Session
  function createAgent(
    options: {port: number; address: string; transport: 'udp4' | 'udp6'},
    report: (error: Error | null) => void,
  ): Agent
}
