import {open} from 'node:fs/promises'
import {create, extract, ReadEntry} from 'tar'
import {HostError} from '../errors.ts'
import {toStoreFailure} from './store-failure.ts'

/** Packs these names of a folder, with all below them, into a .tgz that only its owner may read; on the disk when it resolves. */
export async function packArchive(folder: string, names: readonly string[], file: string): Promise<void> {
  try {
    await create({cwd: folder, file, gzip: true, portable: true, strict: true, mode: 0o600}, [...names])
    const handle = await open(file, 'r+')
    await handle.sync().finally(() => handle.close())
  } catch (error) {
    throw toStoreFailure(error)
  }
}

export interface UnpackLimits {
  maxBytes: number
  maxEntries: number
  /** Names that may stand first in a path. */
  roots: readonly string[]
}

/**
 * Unpacks a .tgz of our own making into a new private folder: regular files and folders only, below the names expected.
 * Modes of the archive do not count. Throws RESTORE_REFUSED or HOST_STORE_FAILED; the caller then removes the folder.
 */
export async function unpackArchive(file: string, folder: string, limits: UnpackLimits): Promise<void> {
  const judge = judgeEntries(limits)
  try {
    await extract({
      file,
      cwd: folder,
      strict: true,
      preserveOwner: false,
      noMtime: true,
      // A database may well be mostly empty pages: what counts is the bytes.
      maxDecompressionRatio: Number.POSITIVE_INFINITY,
      // It must not throw: that would be an uncaught exception.
      filter: (name, entry) => {
        if (!(entry instanceof ReadEntry) || !judge.accepts(name, entry)) return false
        entry.mode = entry.type === 'Directory' ? 0o700 : 0o600
        return true
      },
    })
  } catch (error) {
    const known = toStoreFailure(error)
    if (known instanceof HostError && !judge.fault()) throw known
    throw refuse(judge.fault() ?? `it is no archive of a backup, or is damaged: ${(error as Error).message}`, error)
  }
  const fault = judge.fault()
  if (fault) throw refuse(fault)
}

function refuse(reason: string, cause?: unknown): HostError {
  return new HostError('RESTORE_REFUSED', {reason}, cause)
}

interface EntryJudge {
  accepts(name: string, entry: ReadEntry): boolean
  /** The first thing wrong; then nothing more is accepted. */
  fault(): string | undefined
}

const KINDS: readonly string[] = ['File', 'OldFile', 'Directory']

function judgeEntries({maxBytes, maxEntries, roots}: UnpackLimits): EntryJudge {
  let fault: string | undefined
  let bytes = 0
  let entries = 0
  return {
    accepts(name, entry) {
      bytes += entry.size
      entries += 1
      if (fault !== undefined) return false
      if (!KINDS.includes(entry.type)) fault = `"${name}" in it is neither a file nor a folder`
      else if (!isPlainPath(name, roots)) fault = `"${name}" in it does not belong there`
      else if (bytes > maxBytes) fault = `unpacked it has more than ${maxBytes} bytes, and no more are free`
      else if (entries > maxEntries) fault = `it has more than ${maxEntries} entries`
      return fault === undefined
    },
    fault: () => fault,
  }
}

function isPlainPath(name: string, roots: readonly string[]): boolean {
  const segments = name.replace(/\/$/, '').split('/')
  const plain = segments.every(segment => segment !== '' && segment !== '.' && segment !== '..')
  return plain && !/[\\\0]/.test(name) && roots.includes(segments[0] ?? '')
}
