import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {createFrameReader, encodeFrame} from '../../runtime/framing.ts'
import {HOST_API_RANGE, type Permissions, PROTOCOL_RANGE, type VersionRange} from '../../runtime/protocol.ts'
import {LOADER, NO_PERMISSIONS, ROOT} from './fixture-process.ts'

/** A plugin process spoken to frame by frame, with nothing of the host in between. */
export interface RawPlugin {
  child: ChildProcess
  /** Sends a request and resolves with the whole answer. */
  ask(
    method: string,
    params: object,
  ): Promise<{result?: unknown; error?: {code: number; message: string; data?: unknown}}>
  notify(method: string, params: object): void
  /** Messages that were no answers. */
  others: unknown[]
  stderr(): string
  exited: Promise<number | null>
}

export const initializeParams = (
  protocol: VersionRange = PROTOCOL_RANGE,
  permissions: Permissions = NO_PERMISSIONS,
): object => ({
  protocol,
  hostApi: HOST_API_RANGE,
  plugin: {id: 'raw', version: '1.0.0'},
  process: 'raw',
  dataFolder: '/nowhere',
  permissions,
})

/** With `wireOnStdout` as on platforms where the runtime itself has to keep prints off the wire. */
export async function withRawPlugin<T>(
  fixture: string,
  {wireOnStdout = false},
  run: (plugin: RawPlugin) => Promise<T>,
): Promise<T> {
  const entry = join(ROOT, 'test/fixtures/plugins', `${fixture}.cjs`)
  const child = wireOnStdout
    ? spawn(process.execPath, [LOADER, entry], {stdio: ['pipe', 'pipe', 'pipe']})
    : spawn('/bin/sh', ['-c', 'exec "$0" "$@" 3>&1 1>&2', process.execPath, LOADER, entry], {
        stdio: ['pipe', 'pipe', 'pipe'],
        env: {...process.env, FP_WIRE_FD: '3'},
      })
  const waiting = new Map<unknown, (message: never) => void>()
  const others: unknown[] = []
  const reader = createFrameReader({
    onMessage(message) {
      const {id} = message as {id?: unknown}
      const resolve = waiting.get(id)
      if (resolve) resolve(message as never)
      else others.push(message)
    },
  })
  let stderr = ''
  let nextId = 0
  child.stdout.on('data', (chunk: Buffer) => reader.push(chunk))
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const exited = once(child, 'exit').then(([code]) => code as number | null)
  const send = (message: object): void => void child.stdin.write(encodeFrame({jsonrpc: '2.0', ...message}))
  try {
    return await run({
      child,
      others,
      exited,
      stderr: () => stderr,
      notify: (method, params) => send({method, params}),
      ask: (method, params) =>
        new Promise(resolve => {
          const id = nextId++
          waiting.set(id, resolve)
          send({id, method, params})
        }),
    })
  } finally {
    child.kill('SIGKILL')
    await exited
  }
}
