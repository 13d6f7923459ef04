import type {Connection} from './connection.ts'
import {
  type FetchResult,
  type GetResult,
  type JsonObject,
  type KvValue,
  type LogLevel,
  METHODS,
  type SearchResult,
  type WireError,
} from './protocol.ts'
import {type HostApi, type Log, PluginError} from './sdk.ts'

/** The requests a plugin sends to the host, typed. A refusal arrives as a PluginError. */
export function createHostApi(connection: Connection): HostApi {
  const search = (method: string) => async (query: object) => (await ask(connection, method, query)) as SearchResult
  const get = (method: string) => async (id: string) => ((await ask(connection, method, {id})) as GetResult).item
  return {
    requests: {search: search(METHODS.requestsSearch), get: get(METHODS.requestsGet)},
    assets: {search: search(METHODS.assetsSearch), get: get(METHODS.assetsGet)},
    kv: {
      get: async key => ((await ask(connection, METHODS.kvGet, {key})) as KvValue).value,
      set: async (key, value) => void (await ask(connection, METHODS.kvSet, {key, value})),
      delete: async key => void (await ask(connection, METHODS.kvDelete, {key})),
    },
    http: {fetch: async request => (await ask(connection, METHODS.httpFetch, request)) as FetchResult},
  }
}

export async function ask(connection: Connection, method: string, params: object): Promise<unknown> {
  try {
    return await connection.request(method, params)
  } catch (error) {
    const {message, data} = error as {message: string; data?: WireError}
    throw new PluginError(message, data ?? {category: 'unknown'})
  }
}

export function createLog(connection: Connection, execution?: string): Log {
  const write = (level: LogLevel) => (message: string, fields?: JsonObject) =>
    connection.notify(METHODS.log, {
      level,
      message: String(message),
      ...(fields && {fields}),
      ...(execution && {execution}),
    })
  return {debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error')}
}
