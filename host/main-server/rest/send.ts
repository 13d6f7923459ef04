import http, {type IncomingHttpHeaders, type IncomingMessage} from 'node:http'
import https from 'node:https'
import type {Clock} from '../../clock.ts'

export interface Message {
  method: 'GET' | 'POST'
  /** Below the main server's address: `/api/...`. */
  path: string
  headers: {[name: string]: string}
  body?: Buffer
  /** On a connection of its own: one that has lain idle may be closed by the other end just then, and nobody knows what it took. */
  fresh?: boolean
  timeoutMs: number
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** Rejects with SendFailure. */
export type Send = (message: Message) => Promise<Answer>

/** No whole answer came. `sent` is false when the other end cannot have seen the request. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure'
  readonly sent: boolean

  constructor(reason: string, sent: boolean, cause?: unknown) {
    super(reason, {cause})
    this.sent = sent
  }
}

const ANSWER_BYTES = 16 * 1024 * 1024
const SOCKETS = 16

/** One main server, over connections that are kept open. It follows no redirects: they would carry credentials elsewhere. */
export function createSend(url: string, ca: string | undefined, clock: Clock): {send: Send; close(): void} {
  const secure = url.startsWith('https:')
  const trust = ca === undefined ? {} : {ca}
  const open = (keepAlive: boolean): http.Agent | https.Agent => {
    const options = {keepAlive, maxSockets: SOCKETS}
    return secure ? new https.Agent({...options, ...trust}) : new http.Agent(options)
  }
  const kept = open(true)
  const single = open(false)
  const request = secure ? https.request : http.request

  function send({method, path, headers, body, fresh = false, timeoutMs}: Message): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let sent = false
      const length = body ? {'content-length': String(body.byteLength)} : {}
      const agent = fresh ? single : kept
      const call = request(`${url}${path}`, {method, agent, headers: {...headers, ...length}})
      const cancel = clock.after(timeoutMs, () => call.destroy(new Error(`it gave no answer within ${timeoutMs} ms`)))
      const fail = (error: Error): void => {
        cancel()
        reject(new SendFailure(describe(error), sent, error))
      }
      // A connection that is only being made has carried nothing yet.
      call.on('socket', socket => {
        const mark = (): void => {
          sent = true
        }
        if (socket.connecting) socket.once(secure ? 'secureConnect' : 'connect', mark)
        else mark()
      })
      call.on('error', fail)
      call.on('response', response => {
        readText(response).then(text => {
          cancel()
          resolve({status: response.statusCode ?? 0, headers: response.headers, text})
        }, fail)
      })
      call.end(body)
    })
  }

  function close(): void {
    kept.destroy()
    single.destroy()
  }

  return {send, close}
}

async function readText(response: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response as AsyncIterable<Buffer>) {
    bytes += part.byteLength
    if (bytes > ANSWER_BYTES) throw new Error(`its answer is larger than ${ANSWER_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function describe(error: Error): string {
  const {code = ''} = error as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return 'nothing listens at its address'
  if (code === 'ENOTFOUND') return 'there is no host of that name'
  if (code === 'ECONNRESET') return 'it closed the connection before its answer was whole'
  return error.message || code
}
