import type {IncomingMessage} from 'node:http'
import {pipeline, type Transform} from 'node:stream'
import {createBrotliDecompress, createGunzip, createInflate} from 'node:zlib'

const UNPACKERS: {[encoding: string]: () => Transform} = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

export interface ReadBody {
  body: Buffer
  /** False when there is more than was read. */
  complete: boolean
}

/** Reads an answer, unpacked, up to `maxBytes`; the rest is left unread. Rejects when the answer ends too early. */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<ReadBody> {
  const unpacker = createUnpacker(response)
  // The callback is there for the errors: reading the last stream throws them.
  const source: AsyncIterable<Buffer> = unpacker ? pipeline(response, unpacker, () => {}) : response
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    chunks.push(chunk)
    if (bytes > maxBytes) break
  }
  return {body: Buffer.concat(chunks).subarray(0, maxBytes), complete: bytes <= maxBytes}
}

/** Nothing at all is no valid gzip, so answers without a body are left alone. */
function createUnpacker({
  headers,
  statusCode = 0,
  req,
}: IncomingMessage & {req?: {method: string}}): Transform | undefined {
  const empty = req?.method === 'HEAD' || statusCode === 204 || statusCode === 304 || headers['content-length'] === '0'
  return empty ? undefined : UNPACKERS[headers['content-encoding']?.trim().toLowerCase() ?? '']?.()
}
