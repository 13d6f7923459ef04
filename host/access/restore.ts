import {chmod, lstat, mkdtemp, open, readdir, rename, rm, rmdir, statfs} from 'node:fs/promises'
import {basename, dirname, join, resolve} from 'node:path'
import {unpackArchive} from '../bundle/pack-archive.ts'
import {removeTree} from '../bundle/staging.ts'
import {type Clock, systemClock} from '../clock.ts'
import {HostError} from '../errors.ts'
import {syncFolder} from '../registry/write-secret-file.ts'
import {lockDataFolder} from '../store/lock-data-folder.ts'
import type {AuditReport} from '../types.ts'
import {type BackupManifest, DATABASE_FILE, KEPT_FOLDERS, MANIFEST_FILE, verifyManifest} from './backup-manifest.ts'
import {type KeyState, settleRestored} from './settle-restored.ts'

export interface RestoreOptions {
  /** The folder to make; its parent must be there. */
  dataFolder: string
  /** Takes the place of what is there, which is kept beside it. */
  replace?: boolean
  /** The key file that belongs to the backup. */
  keyFile?: string
  /** Who restores it, for the audit log. */
  who?: string
  clock?: Clock
}

export interface RestoreReport {
  dataFolder: string
  /** When the backup was made, milliseconds since 1970. */
  createdAt: number
  files: number
  bytes: number
  /** Where what was there before is kept; null when nothing was. */
  before: string | null
  /** missing: the server does not start until the key file is put there. */
  key: KeyState
  /** Of the log as it was in the backup. */
  audit: AuditReport
}

const MOST_ENTRIES = 5_000_000
/** Left free on the disk by what is unpacked, bytes. */
const SPARE_BYTES = 64 * 1024 * 1024

/**
 * Makes a data folder from a backup, with no server on it. Everything is unpacked beside it and checked first (each file's hash, the
 * database, the audit log, the key); only then is it put in its place by one rename. Throws RESTORE_REFUSED or HOST_LOCKED, and then
 * has changed nothing.
 */
export async function restoreBackup(file: string, options: RestoreOptions): Promise<RestoreReport> {
  const target = resolve(options.dataFolder)
  const releaseOld = await claimTarget(target, options)
  let staging: string | undefined
  try {
    staging = await openStaging(target)
    await unpack(resolve(file), staging)
    const manifest = await verifyManifest(staging)
    await settleFiles(staging, manifest)
    const {who = 'restore', clock = systemClock, keyFile} = options
    const settled = await settleRestored(staging, {
      ...{who, clock, source: basename(file), oldFolder: target},
      ...(keyFile !== undefined && {keyFile}),
    })
    const before = await swap(staging, target, clock)
    const bytes = manifest.files.reduce((sum, entry) => sum + entry.bytes, 0)
    return {dataFolder: target, createdAt: manifest.createdAt, files: manifest.files.length, bytes, before, ...settled}
  } catch (error) {
    throw toRefusal(error)
  } finally {
    releaseOld()
    if (staging !== undefined) await removeTree(staging).catch(() => {})
  }
}

/** Makes sure that no server has it, and that nothing is lost unasked. The function returned gives it back. */
async function claimTarget(target: string, {replace = false}: RestoreOptions): Promise<() => void> {
  const names = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw refuse(`"${target}" is no folder that can be read: ${error.message}`)
  })
  if (names === undefined || names.length === 0) return () => {}
  const release = lockDataFolder(target)
  if (replace) return release
  release()
  throw refuse(`"${target}" is not empty\nReplace it with --replace: what is there is kept beside it`)
}

async function openStaging(target: string): Promise<string> {
  try {
    return await mkdtemp(`${target}.restore-`)
  } catch (error) {
    const reason = `nothing can be made beside "${target}": ${(error as Error).message}`
    throw refuse(`${reason}\nRestore into a folder whose parent is yours, then move it or set dataFolder`, error)
  }
}

async function unpack(file: string, staging: string): Promise<void> {
  const found = await lstat(file).catch(() => undefined)
  if (!found?.isFile()) throw refuse(`there is no file "${file}"`)
  const {bavail, bsize} = await statfs(staging)
  const maxBytes = Math.max(0, bavail * bsize - SPARE_BYTES)
  const roots = [MANIFEST_FILE, DATABASE_FILE, ...KEPT_FOLDERS]
  await unpackArchive(file, staging, {maxBytes, maxEntries: MOST_ENTRIES, roots})
}

/** Puts everything safely on the disk; unpacked bundles are read-only, as the installer leaves them. */
async function settleFiles(staging: string, {files}: BackupManifest): Promise<void> {
  for (const {path, executable} of files) await settleFile(join(staging, path), modeOf(path, executable))
  const plugins = join(staging, 'plugins')
  for (const plugin of await readdir(plugins).catch(() => [])) {
    await chmod(join(plugins, plugin), 0o755)
    for (const version of await readdir(join(plugins, plugin))) await sealFolders(join(plugins, plugin, version))
  }
}

function modeOf(path: string, executable: boolean): number {
  if (path.startsWith('plugins/')) return executable ? 0o555 : 0o444
  return executable ? 0o700 : 0o600
}

async function settleFile(path: string, mode: number): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.chmod(mode)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function sealFolders(folder: string): Promise<void> {
  for (const entry of await readdir(folder, {withFileTypes: true})) {
    if (entry.isDirectory()) await sealFolders(join(folder, entry.name))
  }
  await chmod(folder, 0o555)
  syncFolder(folder)
}

/** Answers with where the folder that was there is kept; null when it was empty or missing. */
async function swap(staging: string, target: string, clock: Clock): Promise<string | null> {
  const wasEmpty = await rmdir(target).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  )
  const before = `${target}.before-${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}`
  try {
    if (!wasEmpty) await rename(target, before)
    await rename(staging, target)
    syncFolder(dirname(target))
  } catch (error) {
    if (!wasEmpty) await rename(before, target).catch(() => {})
    const remedy = 'Restore into a folder whose parent is yours, then move it or set dataFolder'
    throw refuse(`it cannot be put in the place of "${target}": ${(error as Error).message}\n${remedy}`, error)
  }
  if (wasEmpty) return null
  await rm(join(before, 'server.lock'), {force: true})
  return before
}

function refuse(reason: string, cause?: unknown): HostError {
  return new HostError('RESTORE_REFUSED', {reason}, cause)
}

function toRefusal(error: unknown): HostError {
  const known = error instanceof HostError ? error : undefined
  if (known?.code === 'RESTORE_REFUSED' || known?.code === 'HOST_LOCKED') return known
  return refuse((error as Error).message, error)
}
