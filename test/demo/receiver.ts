import {createServer, type IncomingMessage, type Server, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'

/** The third-party system of the demo: takes messages, is slow at `/slow`, tells who is on call at `/on-call`. */
export interface Receiver {
  url: string
  received: {path: string; body: string}[]
  /** Requests that came to `/slow`. */
  readonly waiting: number
  stop(): Promise<void>
}

export async function startReceiver(): Promise<Receiver> {
  const received: Receiver['received'] = []
  let waiting = 0
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? ''
    let body = ''
    for await (const chunk of request) body += chunk
    if (path.startsWith('/slow')) {
      waiting++
      return
    }
    received.push({path, body})
    response.setHeader('content-type', 'application/json')
    response.end(path.startsWith('/on-call') ? '{"person":"Ann"}' : `{"id":"msg-${received.length}"}`)
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const {port} = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    get waiting() {
      return waiting
    },
    stop: () => closeServer(server),
  }
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
}
