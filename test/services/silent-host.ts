import {createSocket, type RemoteInfo, type Socket} from 'node:dgram'
import {once} from 'node:events'

/** UDP sockets that take what comes and answer what they are told: by default nothing, as behind a firewall. */
export interface SilentHost {
  readonly port: number
  /** What came, by address. */
  readonly received: {address: string; data: Buffer}[]
}

/** All on one port, which is that of the first address. */
export async function withSilentHost<T>(
  {addresses, answer = () => undefined}: {addresses: readonly string[]; answer?: (data: Buffer) => Buffer | undefined},
  run: (host: SilentHost) => Promise<T>,
): Promise<T> {
  const sockets: Socket[] = []
  const received: SilentHost['received'] = []
  try {
    for (const address of addresses) {
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
      sockets.push(socket)
      socket.on('message', (data: Buffer, from: RemoteInfo) => {
        received.push({address, data})
        const reply = answer(data)
        if (reply) socket.send(reply, from.port, from.address)
      })
      socket.bind(sockets[0] === socket ? 0 : sockets[0]?.address().port, address)
      await once(socket, 'listening')
    }
    return await run({port: sockets[0]?.address().port ?? 0, received})
  } finally {
    for (const socket of sockets) socket.close()
  }
}
