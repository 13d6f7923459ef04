/**
 * Generated from plugin.json by "plugin-host build": change it there, not here.
 * Use it as `definePlugin<Types>({...})`.
 */
export type ConfigName = string
export type ConfigOid = string
/**
 * Applied in order to the value as text or number.
 *
 * @maxItems 10
 */
export type ConfigTransforms = (
  | ('trim' | 'lower' | 'upper' | 'text' | 'hex' | 'mac' | 'ip' | 'number' | 'dateAndTime')
  | {
      scale: number
    }
  | {
      map: {
        [k: string]: string
      }
    }
)[]

export interface Types {
  config: Config
  actions: {
    discover: {
      input: DiscoverInput
      output: DiscoverOutput
    }
    get: {
      input: GetInput
      output: GetOutput
    }
  }
}
export interface Config {
  /**
   * Tried in this order on every device.
   *
   * @minItems 1
   * @maxItems 20
   */
  credentials: ConfigCredential[]
  /**
   * Where agents listen, unless a target names another port.
   */
  port: number
  /**
   * Wait for one answer, milliseconds.
   */
  timeoutMs: number
  /**
   * Times a request is sent again when no answer comes.
   */
  retries: number
  /**
   * Devices asked at the same time; each holds at most two UDP sockets.
   */
  concurrency: number
  /**
   * Longest time spent on one device, milliseconds.
   */
  deviceTimeoutMs: number
  /**
   * A device to ask when the connection is tested: a name or address, with :port where needed.
   */
  testAddress?: string
  /**
   * What to read from devices that the built-in profiles do not know. One with the id of a built-in profile replaces it.
   *
   * @maxItems 200
   */
  profiles: ConfigProfile[]
}
export interface ConfigCredential {
  name: string
  version: '2c' | '3'
  /**
   * Left out: public.
   */
  community?: string
  user?: string
  /**
   * md5 is weak: only for devices that know nothing better.
   */
  authProtocol: 'sha' | 'sha224' | 'sha256' | 'sha384' | 'sha512' | 'md5'
  /**
   * Left out: no authentication.
   */
  authKey?: string
  /**
   * aes256 is the usual AES-256, aes256c the variant of Cisco.
   */
  privProtocol: 'aes' | 'aes256' | 'aes256c'
  /**
   * Left out: no encryption.
   */
  privKey?: string
  context?: string
}
export interface ConfigProfile {
  id: string
  name?: string
  /**
   * Profiles whose attributes and tables are taken over; own ones of the same name win.
   *
   * @maxItems 10
   */
  extends?: string[]
  /**
   * Devices it is for: an exact sysObjectID, or the beginning of one with .* at its end.
   *
   * @maxItems 200
   */
  sysObjectId?: string[]
  assetType?: string
  manufacturer?: string
  /**
   * @maxItems 200
   */
  attributes?: ConfigAttribute[]
  /**
   * @maxItems 20
   */
  tables?: ConfigTable[]
}
/**
 * One value: the first of the OIDs that answers, a column's cell of a table of this profile, or a fixed value.
 */
export interface ConfigAttribute {
  name: ConfigName
  label?: string
  oid?: ConfigOid | ConfigOid[]
  from?: {
    table: ConfigName
    column: ConfigName
    /**
     * Column and the value it must have.
     */
    where?: {
      [k: string]: string | number
    }
    /**
     * Every fitting row instead of the first.
     */
    all: boolean
  }
  value?: string | number | boolean
  transform?: ConfigTransforms
  /**
   * The value tells this asset from others.
   */
  identifier?: 'serial' | 'uuid' | 'mac' | 'hostname' | 'fqdn' | 'ip' | 'assetTag'
}
export interface ConfigTable {
  name: ConfigName
  label?: string
  /**
   * OID of the table's entry (ifEntry, not ifTable).
   */
  oid: string
  /**
   * Name under which a row holds its index.
   */
  index: string
  /**
   * Keeps only rows whose columns have these values.
   */
  where?: {
    [k: string]: string | number
  }
  maxRows: number
  /**
   * Read only for attributes that take their value from it.
   */
  hidden: boolean
  /**
   * @minItems 1
   * @maxItems 50
   */
  columns: {
    name: ConfigName
    label?: string
    column: number
    transform?: ConfigTransforms
  }[]
}
export interface DiscoverInput {
  /**
   * Names, addresses, ranges (10.0.0.1-20) and networks (10.0.0.0/24), separated by commas or as a list; :port after any of them.
   *
   * @maxItems 10000
   */
  targets: string | string[]
  /**
   * What to leave out, written like the targets but without ports.
   *
   * @maxItems 10000
   */
  exclude?: string | string[]
  port?: number
  /**
   * Names of the configured credentials to use; all when left out.
   *
   * @maxItems 20
   */
  credentials?: string[]
  concurrency?: number
  timeoutMs?: number
  retries?: number
}
export interface DiscoverOutput {
  /**
   * Addresses asked: found + unreachable + authFailed + failed.
   */
  scanned: number
  /**
   * Addresses from which anything came back by SNMP.
   */
  answered: number
  /**
   * Devices read.
   */
  found: number
  unreachable: number
  /**
   * Agents that accept none of the credentials.
   */
  authFailed: number
  /**
   * Everything else: unknown names, answers that are not SNMP, devices that take too long.
   */
  failed: number
  durationMs: number
  /**
   * The first 200 found.
   */
  devices: {
    address: string
    name: string
    profile: string
    assetType: string
    credential: string
  }[]
  /**
   * At most 100, refused credentials and faults before silence.
   */
  problems: DiscoverOutputProblem[]
  problemsLeftOut: number
}
export interface DiscoverOutputProblem {
  address: string
  code: string
  category: 'config' | 'auth' | 'input' | 'network' | 'unavailable'
  message: string
  hint: string
}
export interface GetInput {
  /**
   * Name or address, with :port where needed.
   */
  host: string
  port?: number
  /**
   * @minItems 1
   * @maxItems 100
   */
  oids: string[]
  /**
   * Names of the configured credentials to use; all when left out.
   *
   * @maxItems 20
   */
  credentials?: string[]
}
export interface GetOutput {
  address: string
  /**
   * Name of the credential that was accepted.
   */
  credential: string
  values: {
    oid: string
    /**
     * SNMP type, or Missing.
     */
    type: string
    value: string | number | null
    /**
     * The bytes of an octet string.
     */
    hex?: string
  }[]
}
