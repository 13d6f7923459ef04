import {chmod, mkdir, mkdtemp, readdir, rm, rmdir} from 'node:fs/promises'
import {join, resolve} from 'node:path'

const PRIVATE = 0o700

/** Absolute, as the extractors want it. */
export function stagingFolder(dataFolder: string): string {
  return resolve(dataFolder, 'staging')
}

/** Absolute, whatever the data folder is relative to now. */
export function pluginsFolder(dataFolder: string): string {
  return resolve(dataFolder, 'plugins')
}

/** A new private folder for one install, on the file system that the plugins are on. The caller removes it. */
export async function createStaging(dataFolder: string): Promise<string> {
  const staging = stagingFolder(dataFolder)
  await mkdir(staging, {recursive: true, mode: PRIVATE})
  await chmod(staging, PRIVATE)
  return mkdtemp(join(staging, 'install-'))
}

/** At boot, before anything is installed: takes away what an install that was cut off has left. */
export async function emptyStaging(dataFolder: string): Promise<void> {
  const staging = stagingFolder(dataFolder)
  for (const name of await listNames(staging)) await removeTree(join(staging, name))
  const plugins = pluginsFolder(dataFolder)
  // Only empty ones go: the folder of a plugin whose first install did not get as far as a version.
  for (const name of await listNames(plugins)) await rmdir(join(plugins, name)).catch(() => {})
}

/** Removes a folder and everything in it, read-only folders too. Not there is fine. */
export async function removeTree(folder: string): Promise<void> {
  await openFolders(folder)
  await rm(folder, {recursive: true, force: true, maxRetries: 3})
}

async function openFolders(folder: string): Promise<void> {
  // Fails for a file or for nothing, which need no opening; a link is never followed.
  const entries = await readdir(folder, {withFileTypes: true}).catch(() => undefined)
  if (!entries) return
  await chmod(folder, PRIVATE)
  for (const entry of entries) if (entry.isDirectory()) await openFolders(join(folder, entry.name))
}

async function listNames(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
