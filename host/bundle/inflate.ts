import {createHash} from 'node:crypto'
import {crc32, type Gunzip, type InflateRaw} from 'node:zlib'
import {type ArchiveProblemCode, refuse} from './bundle-problems.ts'

export interface InflateFaults {
  place: string
  /** The data is damaged or cut off. */
  broken: ArchiveProblemCode
  /** There are bytes after the end of the compressed data. */
  trailing: ArchiveProblemCode
}

/**
 * The inflated bytes, in chunks. Throws unless the compressed data ends exactly where `source` does:
 * zlib streams pass over what follows, and what one reader passes over another may read.
 */
export async function* inflateExactly(
  source: AsyncIterable<Buffer>,
  inflate: InflateRaw | Gunzip,
  faults: InflateFaults,
): AsyncGenerator<Buffer> {
  let complete = false
  // A write that meets the end of the compressed data is never called back.
  const closed = new Promise<void>(resolve => inflate.once('close', resolve))
  const feed = async (): Promise<void> => {
    let fed = 0
    for await (const chunk of source) {
      await Promise.race([closed, write(inflate, chunk)])
      if (inflate.destroyed) return
      fed += chunk.length
      // Seen only here: once the stream has ended, its count is of no use any more.
      if (inflate.bytesWritten < fed) return
    }
    complete = true
    inflate.end()
  }
  const feeding = feed().catch(error => void inflate.destroy(error as Error))
  try {
    for await (const chunk of inflate) yield chunk as Buffer
  } catch (error) {
    throw isZlibError(error) ? refuse(faults.broken, faults.place, error.message, error) : error
  } finally {
    inflate.destroy()
    await feeding
  }
  if (!complete) throw refuse(faults.trailing, faults.place)
}

function write(inflate: InflateRaw | Gunzip, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => inflate.write(chunk, error => (error ? reject(error) : resolve())))
}

/** Size, CRC-32 and SHA-256 of some data. */
export interface DataFacts {
  bytes: number
  crc: number
  sha256: string
  /** The data itself, if it was to be kept. */
  kept: Buffer | undefined
}

/** Reads data to its end, but no further than `limit` bytes: the first byte over it throws `onExcess()`. */
export async function measureData(
  source: AsyncIterable<Buffer>,
  limit: number,
  {keep, onExcess}: {keep: boolean; onExcess: () => Error},
): Promise<DataFacts> {
  const hash = createHash('sha256')
  const kept: Buffer[] = []
  let bytes = 0
  let crc = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > limit) throw onExcess()
    crc = crc32(chunk, crc)
    hash.update(chunk)
    if (keep) kept.push(chunk)
  }
  return {bytes, crc, sha256: hash.digest('hex'), kept: keep ? Buffer.concat(kept) : undefined}
}

function isZlibError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && /^(Z_|ERR_BUFFER_TOO_LARGE)/.test(String(error.code))
}
