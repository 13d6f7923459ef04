import {createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse} from 'node:http'
import {createServer as createSecureServer, type ServerOptions} from 'node:https'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from 'node:net'

export interface Received {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}
export interface Served {
  url: string
  port: number
  /** What came in, bodies read to the end. */
  received: Received[]
  /** Connections accepted so far. */
  connections: number
}
export type Respond = (request: Received, response: ServerResponse, count: number) => void

/** A real web server on loopback while `run` runs; `count` is 1 for the first request. */
export function withServer<T>(respond: Respond, run: (served: Served) => Promise<T>, tls?: ServerOptions): Promise<T> {
  const received: Received[] = []
  const listener: RequestListener = (request, response) => {
    let body = ''
    request.on('data', chunk => {
      body += chunk
    })
    request.on('end', () => {
      const {method = '', url = '', headers} = request
      received.push({method, url, headers, body})
      respond({method, url, headers, body}, response, received.length)
    })
  }
  const server = tls ? createSecureServer(tls, listener) : createServer(listener)
  return withListening(server, tls ? 'https' : 'http', received, run)
}

/** Answers with JSON. */
export function answerJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(value))
}

/** A server of bare connections, for peers that misbehave. */
export function withTcpServer<T>(
  serve: (socket: Socket, count: number) => void,
  run: (served: Served) => Promise<T>,
): Promise<T> {
  let count = 0
  const server = createTcpServer(socket => {
    socket.on('error', () => {})
    serve(socket, ++count)
  })
  return withListening(server, 'http', [], run)
}

export interface ProxyServed extends Served {
  /** `host:port` of each CONNECT, and the URL of each request forwarded without a tunnel. */
  asked: string[]
}

/** A real proxy: tunnels for CONNECT, forwards plain requests; asks for the credentials when given (`user:password`). */
export function withProxy<T>(credentials: string | undefined, run: (proxy: ProxyServed) => Promise<T>): Promise<T> {
  const asked: string[] = []
  const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
  const isLetIn = (request: IncomingMessage): boolean =>
    expected === undefined || request.headers['proxy-authorization'] === expected
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (!isLetIn(request)) return void response.writeHead(407).end()
    fetch(request.url ?? '').then(
      async answer => void response.writeHead(answer.status).end(await answer.text()),
      () => void response.writeHead(502).end(),
    )
  })
  server.on('connect', (request, socket, head) => {
    asked.push(request.url ?? '')
    if (!isLetIn(request)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const {hostname, port} = new URL(`http://${request.url}`)
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    for (const end of [socket, target]) end.on('error', () => target.destroy())
    socket.on('close', () => target.destroy())
    target.on('close', () => socket.destroy())
  })
  return withListening(server, 'http', [], served => run(Object.assign(served, {asked})))
}

async function withListening<T>(
  server: Server | TcpServer,
  scheme: string,
  received: Received[],
  run: (served: Served) => Promise<T>,
): Promise<T> {
  const sockets = new Set<Socket>()
  const served: Served = {url: '', port: 0, received, connections: 0}
  server.on('connection', (socket: Socket) => {
    served.connections++
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  served.port = (server.address() as AddressInfo).port
  served.url = `${scheme}://127.0.0.1:${served.port}`
  try {
    return await run(served)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  }
}
