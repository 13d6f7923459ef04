import {readFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import type {Command} from 'commander'
import {Failure} from './failure.ts'

/** Options of every verb that speaks to a running server. */
export interface ServerOptions {
  url?: string
  token?: string
  data?: string
}

export interface ServerAddress {
  url: URL
  token: string | undefined
}

export function declareServer(command: Command): Command {
  return command
    .option('--url <url>', 'the server (default: PLUGIN_HOST_URL, else the one that uses the data folder)')
    .option('--token <token>', 'bearer token (default: PLUGIN_HOST_TOKEN, else that of the data folder)')
    .option('--data <folder>', 'data folder of the local server (default: PLUGIN_HOST_DATA, else ./data)')
}

/** Absolute. */
export function findDataFolder(data: string | undefined): string {
  return resolve(data ?? (process.env.PLUGIN_HOST_DATA || 'data'))
}

/** Where the server is and what opens it. The local token is only for the local server: it is never sent elsewhere. */
export async function findServer(options: ServerOptions): Promise<ServerAddress> {
  const folder = findDataFolder(options.data)
  const local = await readLocalUrl(folder)
  const named = options.url ?? (process.env.PLUGIN_HOST_URL || undefined)
  if (named === undefined && local === undefined) {
    const remedy = 'Start it with "plugin-host serve", or name a server with --url'
    throw new Failure('SERVER_UNKNOWN', `Cannot find the server: no server has used data folder "${folder}"`, remedy)
  }
  const url = parseUrl(named ?? local ?? '')
  const isLocal = local !== undefined && parseUrl(local).origin === url.origin
  const given = options.token ?? (process.env.PLUGIN_HOST_TOKEN || undefined)
  return {url, token: given ?? (isLocal ? await readToken(folder).catch(() => undefined) : undefined)}
}

/** The token the local server made at its first start. */
export async function readToken(folder: string): Promise<string> {
  const file = join(folder, 'token')
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    const denied = (error as NodeJS.ErrnoException).code === 'EACCES'
    const remedy = denied
      ? 'Run this as the user the server runs as'
      : 'Start the server with "plugin-host serve", or name its data folder with --data'
    const state = denied ? 'it is not yours to read' : 'there is no such file'
    throw new Failure('TOKEN_UNREADABLE', `Cannot read token "${file}": ${state}`, remedy)
  }
}

async function readLocalUrl(folder: string): Promise<string | undefined> {
  try {
    const {url} = JSON.parse(await readFile(join(folder, 'server.json'), 'utf8')) as {url?: unknown}
    return typeof url === 'string' ? url : undefined
  } catch {
    return undefined
  }
}

function parseUrl(text: string): URL {
  const url = URL.parse(text)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url
  throw new Failure(
    'USAGE',
    `Cannot use server "${text}": it is no http or https URL`,
    'Write it like http://127.0.0.1:5050',
  )
}
