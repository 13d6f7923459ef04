import {mkdir, rename, rmdir, statfs} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {HostError, isHostError} from '../errors.ts'
import type {Manifest} from '../manifest.ts'
import {sumBytes} from './bundle-entry.ts'
import type {BundleLimits} from './bundle-limits.ts'
import {refusal} from './bundle-problems.ts'
import {checkTree, sealFolder, syncFolder} from './check-tree.ts'
import {discardFolder, inPluginOrder, listVersions, versionFolder} from './installed-versions.ts'
import {type BundleSource, spoolBundle} from './spool-bundle.ts'
import {createStaging, pluginsFolder, removeTree} from './staging.ts'
import {toStoreFailure} from './store-failure.ts'
import {unpackBundle} from './unpack.ts'
import {type VerifiedBundle, verifyBundle} from './verify-bundle.ts'

export interface InstallOptions {
  /** Folder of everything the server keeps. */
  dataFolder: string
  limits: BundleLimits
  /** Free space of a folder's file system, bytes. */
  readFreeBytes?: (folder: string) => Promise<number>
}

export interface InstalledBundle {
  id: string
  version: string
  /** SHA-256 of the bundle, hex. */
  digest: string
  /** The unpacked bundle, read-only; absolute. */
  folder: string
  manifest: Manifest
  /** False when the very same bundle was there already. */
  added: boolean
}

type SoundBundle = VerifiedBundle & {manifest: Manifest}

/**
 * Puts a bundle beside the versions that are there, whole or not at all; starts nothing. Throws BUNDLE_*, MANIFEST_INVALID,
 * PLUGIN_EXISTS (this version with other content) or HOST_STORE_FAILED, and then nothing is left on disk.
 */
export async function installBundle(source: BundleSource, options: InstallOptions): Promise<InstalledBundle> {
  const {dataFolder, limits, readFreeBytes = measureFreeBytes} = options
  const staging = await createStaging(dataFolder).catch(throwStoreFailure)
  try {
    const file = join(staging, 'bundle')
    await spoolBundle(source, file, limits)
    const bundle = requireSound(await verifyBundle(file, limits))
    return await inPluginOrder(dataFolder, bundle.manifest.id, async () => {
      const target = await findTarget(dataFolder, bundle)
      if (await isInstalled(target, bundle)) return describeInstalled(bundle, target, false)
      await requireSpace(dataFolder, bundle, readFreeBytes)
      await unpackBundle(file, bundle, join(staging, 'tree'))
      await moveIntoPlace(dataFolder, join(staging, 'tree'), target)
      return describeInstalled(bundle, target, true)
    })
  } catch (error) {
    throw toStoreFailure(error)
  } finally {
    await removeTree(staging).catch(throwStoreFailure)
  }
}

function requireSound(bundle: VerifiedBundle): SoundBundle {
  const {manifest, problems} = bundle
  if (problems.length > 0 || !manifest) throw refusal(problems)
  return {...bundle, manifest}
}

/** Where this bundle belongs. Throws PLUGIN_EXISTS when another bundle with its version is there. */
async function findTarget(dataFolder: string, {manifest, digest}: SoundBundle): Promise<string> {
  const {id, version} = manifest
  const folder = versionFolder(dataFolder, {id, version, digest})
  const others = await listVersions(dataFolder, id)
  if (others.some(other => other.version === version && other.folder !== folder)) {
    throw new HostError('PLUGIN_EXISTS', {id, version})
  }
  return folder
}

/** True when it is there and whole: what was damaged on disk is put right by installing it again. */
async function isInstalled(folder: string, {entries}: SoundBundle): Promise<boolean> {
  try {
    await checkTree(folder, entries)
    await sealFolder(folder)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || isHostError(error, 'BUNDLE_REFUSED')) return false
    throw error
  }
}

async function requireSpace(
  dataFolder: string,
  {entries}: SoundBundle,
  readFreeBytes: (folder: string) => Promise<number>,
): Promise<void> {
  const needed = 2 * sumBytes(entries)
  const free = await readFreeBytes(dataFolder)
  if (free < needed) {
    throw new HostError('HOST_STORE_FAILED', {
      reason: `installing needs ${needed} bytes and ${free} are free`,
      code: 'ENOSPC',
    })
  }
}

async function measureFreeBytes(folder: string): Promise<number> {
  const {bavail, bsize} = await statfs(folder)
  return bavail * bsize
}

/** One rename: before it the version is not there, after it it is there whole. */
async function moveIntoPlace(dataFolder: string, tree: string, target: string): Promise<void> {
  const parent = dirname(target)
  await mkdir(parent, {recursive: true, mode: 0o755})
  try {
    await discardDamaged(dataFolder, target)
    await rename(tree, target)
    await sealFolder(target)
    await syncFolder(parent)
    await syncFolder(pluginsFolder(dataFolder))
  } catch (error) {
    // Also what is in its place already but could not be put safely on disk.
    await discardFolder(dataFolder, target).catch(() => {})
    await rmdir(parent).catch(() => {})
    throw error
  }
}

async function discardDamaged(dataFolder: string, target: string): Promise<void> {
  await discardFolder(dataFolder, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}

function describeInstalled({manifest, digest}: SoundBundle, folder: string, added: boolean): InstalledBundle {
  return {id: manifest.id, version: manifest.version, digest, folder, manifest, added}
}

function throwStoreFailure(error: unknown): never {
  throw toStoreFailure(error)
}
