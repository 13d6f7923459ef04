/** One plugin in one process, from `initialize` to `shutdown`. */
import {createCalls} from './calls.ts'
import type {Connection, Handlers} from './connection.ts'
import {createHostApi, createLog} from './host-api.ts'
import {loadPlugin} from './load-plugin.ts'
import {
  HOST_API_RANGE,
  type InitializeParams,
  type InitializeResult,
  type PingParams,
  type PingResult,
  PROTOCOL_RANGE,
  RPC_CODES,
  type ShutdownParams,
  type VersionRange,
} from './protocol.ts'
import type {Plugin} from './sdk.ts'

export function createSession(connection: Connection, entry: string, handlers: Handlers) {
  let plugin: Plugin | undefined
  let initialized = false

  async function initialize(params: InitializeParams): Promise<InitializeResult> {
    if (initialized) throw {code: RPC_CODES.invalidRequest, message: 'Cannot initialize: it was done already'}
    initialized = true
    const protocol = chooseVersion('protocol', params.protocol, PROTOCOL_RANGE)
    const hostApi = chooseVersion('host API', params.hostApi, HOST_API_RANGE)
    plugin = await loadPlugin(entry)
    const {dataFolder, permissions} = params
    await plugin.start?.({
      plugin: params.plugin,
      dataFolder,
      permissions,
      log: createLog(connection),
      host: createHostApi(connection),
    })
    Object.assign(handlers, createCalls(connection, plugin))
    return {protocol, hostApi, capabilities: listCapabilities(plugin)}
  }

  async function shutdown({graceMs}: ShutdownParams): Promise<null> {
    const timer = setTimeout(() => connection.cancelAll(new Error('The process is stopping')), graceMs)
    timer.unref()
    await plugin?.stop?.()
    return null
  }

  function ping({sentAt}: PingParams): PingResult {
    const {rss, heapUsed} = process.memoryUsage()
    return {lagMs: Math.max(0, Date.now() - sentAt), rssBytes: rss, heapBytes: heapUsed}
  }

  return {initialize, shutdown, ping}
}

/** The highest version both ends speak; a mismatch names both and says which end to renew. */
function chooseVersion(what: string, host: VersionRange, own: VersionRange): number {
  const version = Math.min(host.max, own.max)
  if (version >= Math.max(host.min, own.min)) return version
  const remedy =
    own.max < host.min
      ? 'Rebuild the plugin with the plugin-host of this server'
      : 'Update the server, or build the plugin with an older plugin-host'
  throw {
    code: RPC_CODES.versionMismatch,
    message: `Cannot agree on the ${what}: the plugin speaks ${formatRange(own)} and the host ${formatRange(host)}`,
    data: {plugin: formatRange(own), host: formatRange(host), remedy},
  }
}

function formatRange({min, max}: VersionRange): string {
  return min === max ? String(min) : `${min} to ${max}`
}

function listCapabilities(plugin: Plugin): InitializeResult['capabilities'] {
  return {
    actions: Object.keys(plugin.actions),
    configure: plugin.configure !== undefined,
    test: plugin.test !== undefined,
    options: Object.keys(plugin.options ?? {}),
    verify: Object.keys(plugin.verify ?? {}),
    migrate: plugin.migrate !== undefined,
  }
}
