import {chmod, mkdtemp, readdir, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** Runs with a private folder that is gone afterwards, read-only folders in it too. */
export async function withTempFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ph-'))
  try {
    return await run(folder)
  } finally {
    await removeFolder(folder)
  }
}

/** `rm -rf` that also gets into folders made read-only. */
export async function removeFolder(folder: string): Promise<void> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch(() => [])
  for (const entry of entries)
    if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o700).catch(() => {})
  await rm(folder, {recursive: true, force: true, maxRetries: 3})
}
