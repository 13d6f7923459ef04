import {mkdir} from 'node:fs/promises'
import extractZip from 'extract-zip'
import {extract as extractTar, ReadEntry} from 'tar'
import {HostError} from '../errors.ts'
import {type BundleEntry, listFolders} from './bundle-entry.ts'
import {refuse} from './bundle-problems.ts'
import {sealTree} from './check-tree.ts'
import {toStoreFailure} from './store-failure.ts'
import type {VerifiedBundle} from './verify-bundle.ts'

const FILE_MODE = 0o644
const FOLDER_MODE = 0o755

/**
 * Unpacks a verified bundle into a new folder, compares what is there with what was checked, makes it read-only and
 * puts it safely on disk. Throws BUNDLE_REFUSED or HOST_STORE_FAILED; the caller then removes the folder.
 */
export async function unpackBundle(path: string, bundle: VerifiedBundle, folder: string): Promise<void> {
  try {
    await mkdir(folder, {mode: FOLDER_MODE})
    await (bundle.format === 'zip' ? unpackZip(path, folder) : unpackTar(path, bundle, folder))
    await sealTree(folder, bundle.entries)
  } catch (error) {
    const known = toStoreFailure(error)
    throw known instanceof HostError ? known : refuse('UNPACK_FAILED', '', (error as Error).message, error)
  }
}

async function unpackZip(path: string, folder: string): Promise<void> {
  await extractZip(path, {
    dir: folder,
    // Modes from the archive could lock us out of a folder, or let others in while it is being filled.
    onEntry: entry => {
      const type = entry.fileName.endsWith('/') ? 0o040000 | FOLDER_MODE : 0o100000 | FILE_MODE
      entry.externalFileAttributes = (type << 16) >>> 0
    },
  })
}

async function unpackTar(path: string, {entries, prefix}: VerifiedBundle, folder: string): Promise<void> {
  const wanted = listWanted(entries, prefix)
  await extractTar({
    file: path,
    cwd: folder,
    strict: true,
    strip: prefix ? 1 : 0,
    preserveOwner: false,
    noMtime: true,
    maxDepth: 64,
    maxDecompressionRatio: Number.POSITIVE_INFINITY,
    // It must not throw: that would be an uncaught exception. What it leaves out is missed by the comparison.
    filter: (name, entry) => {
      if (entry instanceof ReadEntry) entry.mode = entry.type === 'Directory' ? FOLDER_MODE : FILE_MODE
      return wanted.has(name.replace(/\/$/, ''))
    },
  })
}

function listWanted(entries: readonly BundleEntry[], prefix: string): Set<string> {
  return new Set([...entries.map(({path}) => path), ...listFolders(entries)].map(path => prefix + path))
}
