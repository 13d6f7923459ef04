import {createHash} from 'node:crypto'
import {constants} from 'node:fs'
import {type FileHandle, open} from 'node:fs/promises'
import {HostError} from '../errors.ts'
import type {BundleFormat} from './bundle-entry.ts'
import type {BundleLimits} from './bundle-limits.ts'
import {refuse} from './bundle-problems.ts'

/** A bundle held open: everything said about it is about these bytes, whatever happens to its path meanwhile. */
export interface OpenedBundle {
  handle: FileHandle
  /** Bytes. */
  size: number
  /** SHA-256, hex. */
  digest: string
  format: BundleFormat
  close(): Promise<void>
}

const CHUNK = 64 * 1024
// Not to follow a link, and not to wait for the other end of a named pipe.
const FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

/** Opens a regular file of at most `maxBytes`. Throws BUNDLE_NOT_FOUND, BUNDLE_UNREADABLE or BUNDLE_TOO_LARGE. */
export async function openFile(path: string, {maxBytes}: BundleLimits): Promise<{handle: FileHandle; size: number}> {
  const handle = await open(path, FLAGS).catch(error => {
    throw describeOpenError(path, error as NodeJS.ErrnoException)
  })
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw new HostError('BUNDLE_UNREADABLE', {path, reason: 'it is not a regular file'})
    if (stat.size > maxBytes) throw tooLarge(maxBytes)
    return {handle, size: stat.size}
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Opens a bundle, takes its digest and tells its format by its first bytes. The caller closes it. */
export async function openBundle(path: string, limits: BundleLimits): Promise<OpenedBundle> {
  const {handle, size} = await openFile(path, limits)
  try {
    const digest = await hashFile(handle, size)
    return {handle, size, digest, format: await readFormat(handle), close: () => handle.close()}
  } catch (error) {
    await handle.close()
    throw error
  }
}

export function tooLarge(maxBytes: number): HostError {
  return new HostError('BUNDLE_TOO_LARGE', {reason: `it is larger than ${maxBytes} bytes`, maxBytes})
}

/** The bytes from `start`, `length` of them, in chunks of at most 64 KiB. Throws when the file is shorter. */
export async function* readRange(handle: FileHandle, start: number, length: number): AsyncGenerator<Buffer> {
  for (let position = start; position < start + length; ) {
    const wanted = Math.min(CHUNK, start + length - position)
    const {bytesRead, buffer} = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position)
    if (bytesRead === 0) throw new HostError('BUNDLE_UNREADABLE', {reason: 'it became shorter while it was read'})
    yield buffer.subarray(0, bytesRead)
    position += bytesRead
  }
}

async function hashFile(handle: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of readRange(handle, 0, size)) hash.update(chunk)
  return hash.digest('hex')
}

async function readFormat(handle: FileHandle): Promise<BundleFormat> {
  const {buffer} = await handle.read(Buffer.alloc(4), 0, 4, 0)
  if (buffer.readUInt32BE(0) === 0x504b0304) return 'zip'
  if (buffer.readUInt16BE(0) === 0x1f8b) return 'tgz'
  throw refuse('FORMAT_UNKNOWN', '')
}

function describeOpenError(path: string, error: NodeJS.ErrnoException): HostError {
  if (error.code === 'ENOENT') return new HostError('BUNDLE_NOT_FOUND', {path}, error)
  const reason = error.code === 'ELOOP' ? 'it is a symbolic link' : (error.code ?? error.message)
  return new HostError('BUNDLE_UNREADABLE', {path, reason}, error)
}
