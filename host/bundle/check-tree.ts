import {createHash} from 'node:crypto'
import {constants} from 'node:fs'
import {chmod, type FileHandle, open, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {type BundleEntry, listFolders} from './bundle-entry.ts'
import {refuse} from './bundle-problems.ts'
import {eachAtOnce} from './each-at-once.ts'
import {readRange} from './open-bundle.ts'

const AT_ONCE = 16
const OPEN_FLAGS = constants.O_NOFOLLOW ?? 0

/** Requires that a folder holds exactly the checked entries, byte for byte, and nothing else. Throws UNPACK_MISMATCH. */
export async function checkTree(folder: string, entries: readonly BundleEntry[]): Promise<void> {
  await requireNames(folder, entries)
  await eachAtOnce(listFiles(entries), AT_ONCE, async entry => {
    const handle = await open(join(folder, entry.path), constants.O_RDONLY | OPEN_FLAGS)
    await using(handle, () => requireContent(handle, entry))
  })
}

/**
 * The same for a tree just unpacked, which is then made read-only and put safely on disk. The folder itself stays
 * writable, since a folder that is not cannot be moved; `sealFolder` closes it once it is in its place.
 */
export async function sealTree(folder: string, entries: readonly BundleEntry[]): Promise<void> {
  await requireNames(folder, entries)
  await eachAtOnce(listFiles(entries), AT_ONCE, async entry => {
    const handle = await open(join(folder, entry.path), constants.O_RDWR | OPEN_FLAGS)
    await using(handle, async () => {
      await requireContent(handle, entry)
      await handle.chmod(entry.executable ? 0o555 : 0o444)
      await handle.sync()
    })
  })
  // From the deepest up: a folder is closed once what is in it is done.
  for (const path of listFolders(entries).reverse()) {
    await chmod(join(folder, path), 0o555)
    await syncFolder(join(folder, path))
  }
  await syncFolder(folder)
}

export async function sealFolder(folder: string): Promise<void> {
  await chmod(folder, 0o555)
  await syncFolder(folder)
}

export async function syncFolder(folder: string): Promise<void> {
  // Windows neither opens folders nor needs to.
  if (process.platform === 'win32') return
  const handle = await open(folder, constants.O_RDONLY)
  await using(handle, () => handle.sync())
}

function listFiles(entries: readonly BundleEntry[]): BundleEntry[] {
  return entries.filter(({kind}) => kind === 'file')
}

async function requireNames(folder: string, entries: readonly BundleEntry[]): Promise<void> {
  const expected = new Map<string, string>(listFolders(entries).map(path => [path, 'folder']))
  for (const {path} of listFiles(entries)) expected.set(path, 'file')
  for await (const [path, kind] of walkTree(folder)) {
    if (expected.get(path) !== kind) throw refuse('UNPACK_MISMATCH', path, `there is a ${kind} that should not be`)
    expected.delete(path)
  }
  const [missing] = expected.keys()
  if (missing !== undefined) throw refuse('UNPACK_MISMATCH', missing, 'it is missing')
}

async function* walkTree(folder: string, prefix = ''): AsyncGenerator<[path: string, kind: string]> {
  for (const entry of await readdir(join(folder, prefix), {withFileTypes: true})) {
    const path = prefix + entry.name
    if (entry.isDirectory()) yield [path, 'folder']
    else yield [path, entry.isFile() ? 'file' : 'link or device']
    if (entry.isDirectory()) yield* walkTree(folder, `${path}/`)
  }
}

async function requireContent(handle: FileHandle, {path, bytes, sha256}: BundleEntry): Promise<void> {
  const stat = await handle.stat()
  if (!stat.isFile() || stat.nlink !== 1) throw refuse('UNPACK_MISMATCH', path, 'it is no file of its own')
  if (stat.size !== bytes) throw refuse('UNPACK_MISMATCH', path, `it has ${stat.size} bytes and should have ${bytes}`)
  const hash = createHash('sha256')
  for await (const chunk of readRange(handle, 0, bytes)) hash.update(chunk)
  if (hash.digest('hex') !== sha256) throw refuse('UNPACK_MISMATCH', path, 'its content differs')
}

async function using<T>(handle: FileHandle, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } finally {
    await handle.close()
  }
}
