import {chmod, readdir, rename, rmdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {HostError} from '../errors.ts'
import {syncFolder} from './check-tree.ts'
import {isDevVersion} from './dev-version.ts'
import {inOrder} from './in-order.ts'
import {createStaging, pluginsFolder, removeTree} from './staging.ts'

const DIGEST_LETTERS = 16
const FOLDER_NAME = new RegExp(`^(.+)-([0-9a-f]{${DIGEST_LETTERS}})$`)

/** One version of a plugin on disk. */
export interface StoredVersion {
  version: string
  /** First 16 letters of the bundle's SHA-256. */
  digest: string
  /** Absolute. */
  folder: string
  /** Milliseconds since 1970. */
  installedAt: number
}

export function versionFolder(
  dataFolder: string,
  {id, version, digest}: {id: string; version: string; digest: string},
): string {
  return join(pluginsFolder(dataFolder), id, `${version}-${digest.slice(0, DIGEST_LETTERS)}`)
}

/** The versions of a plugin on disk, newest first; none is fine. */
export async function listVersions(dataFolder: string, id: string): Promise<StoredVersion[]> {
  const parent = join(pluginsFolder(dataFolder), id)
  const names = await readdir(parent).catch(() => [])
  const found = await Promise.all(
    names.map(async name => {
      const [, version, digest] = FOLDER_NAME.exec(name) ?? []
      const facts = version && digest ? await stat(join(parent, name)).catch(() => undefined) : undefined
      if (!version || !digest || !facts?.isDirectory()) return []
      return [{version, digest, folder: join(parent, name), installedAt: facts.mtimeMs}]
    }),
  )
  return found.flat().sort((a, b) => b.installedAt - a.installedAt)
}

/** Runs after whatever else changes this plugin's folder. */
export function inPluginOrder<T>(dataFolder: string, id: string, run: () => Promise<T>): Promise<T> {
  return inOrder(join(pluginsFolder(dataFolder), id), run)
}

/** Takes one version away, and the plugin's folder with the last one. Throws PLUGIN_VERSION_NOT_FOUND. */
export async function removeVersion(dataFolder: string, id: string, version: string): Promise<void> {
  await inPluginOrder(dataFolder, id, async () => {
    const found = (await listVersions(dataFolder, id)).filter(stored => stored.version === version)
    if (found.length === 0) throw new HostError('PLUGIN_VERSION_NOT_FOUND', {id, version})
    for (const {folder} of found) await discardFolder(dataFolder, folder)
    await rmdir(join(pluginsFolder(dataFolder), id)).catch(() => {})
  })
}

/**
 * Keeps the newest `keep` versions and those in use; answers with the versions it took away. Builds of `dev` are counted
 * for themselves: an afternoon of them must not push out what there is to go back to.
 */
export async function pruneVersions(
  dataFolder: string,
  id: string,
  {keep, inUse}: {keep: number; inUse: ReadonlySet<string>},
): Promise<string[]> {
  return inPluginOrder(dataFolder, id, async () => {
    const versions = await listVersions(dataFolder, id)
    const isDev = ({version}: StoredVersion): boolean => isDevVersion(version)
    const old = [...versions.filter(isDev).slice(keep), ...versions.filter(stored => !isDev(stored)).slice(keep)]
    const surplus = old.filter(({version}) => !inUse.has(version))
    for (const {folder} of surplus) await discardFolder(dataFolder, folder)
    return surplus.map(({version}) => version)
  })
}

/** Out of its place by one rename, so that half a version is never there, whenever this is cut off. */
export async function discardFolder(dataFolder: string, folder: string): Promise<void> {
  const staging = await createStaging(dataFolder)
  try {
    await chmod(folder, 0o755)
    await rename(folder, join(staging, 'discarded'))
    await syncFolder(join(folder, '..'))
  } finally {
    await removeTree(staging)
  }
}
