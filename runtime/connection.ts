/** JSON-RPC 2.0, the plugin's end: a small dispatcher over the framing, with no library, so that a process starts fast and stays small. */
import {createFrameReader, encodeFrame} from './framing.ts'
import {METHODS, RPC_CODES} from './protocol.ts'
import {toRpcError} from './wire-error.ts'

export interface Wire {
  /** The bytes are the caller's only until the listener returns. */
  onChunk(listener: (bytes: Buffer) => void): void
  /** Writes text as UTF-8; `done` when it has left. */
  write(text: string, done?: () => void): void
}

/** A request being served; its signal is made only when somebody looks at it. */
export class Serving {
  readonly id: number | string
  #controller: AbortController | undefined
  #reason: unknown

  constructor(id: number | string) {
    this.id = id
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#reason !== undefined) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  get cancelled(): boolean {
    return this.#reason !== undefined
  }

  cancel(reason: Error): void {
    this.#reason ??= reason
    this.#controller?.abort(this.#reason)
  }
}

const LAST = {last: true}

export type RequestHandler = (params: never, serving: Serving) => unknown
export type Handlers = {[method: string]: RequestHandler}

export interface Connection {
  request(method: string, params: object): Promise<unknown>
  notify(method: string, params: object): void
  /** Aborts everything being served. */
  cancelAll(reason: Error): void
  /** Resolves when all that was written has left. */
  flush(): Promise<void>
}

interface Message {
  id?: number | string
  method?: string
  params?: unknown
  result?: unknown
  error?: {code: number; message: string; data?: unknown}
}

export function createConnection(wire: Wire, handlers: Handlers): Connection {
  const serving = new Map<number | string, Serving>()
  const waiting = new Map<number | string, {resolve(value: unknown): void; reject(error: unknown): void}>()
  let nextId = 1
  let batch = ''
  let reading = false

  function send(message: object, {last = false} = {}): void {
    const isFirst = batch === ''
    batch += encodeFrame(message)
    // Leaves after the microtasks of this tick, everything in one write; with the last answer owed at once.
    if (last) leave()
    else if (isFirst) process.nextTick(leave)
  }
  function leave(): void {
    if (batch === '') return
    const text = batch
    batch = ''
    wire.write(text)
  }

  function answer(id: number | string, result: unknown): void {
    try {
      settle(id, {jsonrpc: '2.0', id, result: result ?? null})
    } catch (error) {
      // A circular value or the like: JSON has no words for it.
      fail(id, error)
    }
  }
  function fail(id: number | string, error: unknown): void {
    settle(id, {jsonrpc: '2.0', id, error: toRpcError(error, serving.get(id)?.cancelled === true)})
  }
  function settle(id: number | string, message: object): void {
    serving.delete(id)
    send(message, serving.size === 0 && !reading ? LAST : undefined)
  }

  function serve(id: number | string, method: string, params: unknown): void {
    const handler = handlers[method]
    if (handler === undefined) {
      fail(id, {code: RPC_CODES.methodNotFound, message: `Cannot serve "${method}": this plugin does not offer it`})
      return
    }
    const entry = new Serving(id)
    serving.set(id, entry)
    try {
      const result = handler(params as never, entry)
      if (result instanceof Promise)
        result.then(
          value => answer(id, value),
          error => fail(id, error),
        )
      else answer(id, result)
    } catch (error) {
      fail(id, error)
    }
  }

  function receive(raw: unknown): void {
    const message = raw as Message
    if (message.method !== undefined) {
      if (message.id !== undefined) serve(message.id, message.method, message.params)
      else if (message.method === METHODS.cancel)
        serving.get((message.params as {id: number}).id)?.cancel(new Error('The call was cancelled'))
      return
    }
    const entry = message.id === undefined ? undefined : waiting.get(message.id)
    if (entry === undefined || message.id === undefined) return
    waiting.delete(message.id)
    if (message.error) entry.reject(message.error)
    else entry.resolve(message.result)
  }

  const reader = createFrameReader({onMessage: receive})
  wire.onChunk(bytes => {
    reading = true
    reader.push(bytes)
    reading = false
    if (serving.size === 0) leave()
  })

  return {
    request(method, params) {
      return new Promise((resolve, reject) => {
        const id = nextId++
        waiting.set(id, {resolve, reject})
        send({jsonrpc: '2.0', id, method, params})
      })
    },
    notify: (method, params) => send({jsonrpc: '2.0', method, params}),
    cancelAll(reason) {
      for (const entry of serving.values()) entry.cancel(reason)
    },
    flush() {
      if (batch !== '') leave()
      return new Promise(resolve => wire.write('', resolve))
    },
  }
}
