import {createSocket} from 'node:dgram'
import {once} from 'node:events'

/** A UDP port of the address that nothing listens on now. */
export async function findUdpPort(address = '127.0.0.1'): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.bind(0, address)
  await once(socket, 'listening')
  const {port} = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}
