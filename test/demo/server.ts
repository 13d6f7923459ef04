import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {eventually} from '../support/deadline.ts'

/** A plugin server in a process of its own, spoken to over HTTP only. */
export interface DemoServer {
  url: string
  /** Rejects with the problem document's text for anything but 2xx. */
  call<T>(method: string, path: string, body?: object | Buffer): Promise<T>
  stop(): Promise<number | null>
}

const root = join(import.meta.dirname, '../..')

export async function startDemoServer(dataFolder: string): Promise<DemoServer> {
  const child = spawn(
    process.execPath,
    [join(root, 'bin/launcher.cjs'), 'serve', '--port', '0', '--data', dataFolder, '--sample-data'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {...process.env, PLUGIN_HOST_LOG_LEVEL: 'warn'},
    },
  )
  let log = ''
  child.stderr.on('data', chunk => {
    log += chunk
  })
  const url = await eventually(20_000, () => readAddress(child, dataFolder, () => log), 'the server’s address')
  const token = (await readFile(join(dataFolder, 'token'), 'utf8')).trim()
  return {url, call: (method, path, body) => call(`${url}${path}`, token, method, body), stop: () => stop(child)}
}

async function readAddress(child: ChildProcess, dataFolder: string, log: () => string): Promise<string | undefined> {
  if (child.exitCode !== null) throw new Error(`Cannot start the server: it ended with ${child.exitCode}\n${log()}`)
  const text = await readFile(join(dataFolder, 'server.json'), 'utf8').catch(() => undefined)
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as {url: string}).url
}

async function call<T>(url: string, token: string, method: string, body?: object | Buffer): Promise<T> {
  const raw = Buffer.isBuffer(body)
  const response = await fetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body && {'content-type': raw ? 'application/zip' : 'application/json'}),
    },
    ...(body && {body: raw ? new Uint8Array(body) : JSON.stringify(body)}),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname}: ${response.status} ${text}`)
  return (text === '' ? undefined : JSON.parse(text)) as T
}

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    await exited
  }
  return child.exitCode
}
