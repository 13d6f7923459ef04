import {mkdir, readdir, rename, rm, stat, statfs} from 'node:fs/promises'
import {join, relative, resolve} from 'node:path'
import {packArchive} from '../bundle/pack-archive.ts'
import {createStaging, removeTree} from '../bundle/staging.ts'
import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'
import {packageVersion} from '../package-version.ts'
import {syncFolder} from '../registry/write-secret-file.ts'
import {copyDatabase, listReferences} from '../store/copy-database.ts'
import type {AccessVerbs, BackupFile, BackupReport} from '../types.ts'
import {DATABASE_FILE, hashFile, KEPT_FOLDERS, MANIFEST_FILE, writeManifest} from './backup-manifest.ts'
import {copyOne, copyTree, measureTree} from './copy-tree.ts'

export type BackupVerbs = Pick<AccessVerbs, 'backup' | 'listBackups' | 'getBackup' | 'removeBackup'>

interface BackupParts {
  /** Absolute. */
  dataFolder: string
  clock: Clock
  /** Writes what waits to be written: what has ended before is in the backup. */
  flush: () => void
  /** Free space of a folder's file system, bytes. */
  readFreeBytes?: (folder: string) => Promise<number>
}

const NAME = /^plugin-host-[0-9TZ-]{20,32}\.tgz$/
const UNFINISHED = '.part'

/** Backups of the whole data folder but its key, its token and its logs, made while the server serves. */
export function createBackups(parts: BackupParts): BackupVerbs {
  const folder = join(parts.dataFolder, 'backups')
  let running: Promise<BackupReport> | undefined

  async function find(name: string): Promise<BackupFile> {
    const facts = NAME.test(name) ? await stat(join(folder, name)).catch(() => undefined) : undefined
    if (!facts?.isFile()) throw new HostError('BACKUP_NOT_FOUND', {name})
    return {name, path: join(folder, name), bytes: facts.size, createdAt: Math.round(facts.mtimeMs)}
  }

  return {
    // Asked again while one is made, both are given that one.
    backup: () => {
      running ??= makeBackup(folder, parts).finally(() => {
        running = undefined
      })
      return running
    },
    async listBackups() {
      const names = await readdir(folder).catch(() => [])
      const found = await Promise.all(names.filter(name => NAME.test(name)).map(name => find(name).catch(() => [])))
      return found.flat().sort((one, other) => (one.name < other.name ? 1 : -1))
    },
    getBackup: find,
    async removeBackup(name) {
      await rm((await find(name)).path, {force: true})
    },
  }
}

async function makeBackup(
  folder: string,
  {dataFolder, clock, flush, readFreeBytes = freeBytes}: BackupParts,
): Promise<BackupReport> {
  const began = clock.elapsed()
  const createdAt = clock.now()
  const name = `plugin-host-${new Date(createdAt).toISOString().replaceAll(/[:.]/g, '-')}.tgz`
  const unfinished = join(folder, `${name}${UNFINISHED}`)
  let staging: string | undefined
  try {
    await openFolder(folder)
    await requireSpace(dataFolder, readFreeBytes)
    staging = await createStaging(dataFolder)
    flush()
    await stage(dataFolder, staging)
    const {files} = await writeManifest(staging, {createdAt, release: packageVersion()})
    await packArchive(
      staging,
      [MANIFEST_FILE, ...(await readdir(staging)).filter(entry => entry !== MANIFEST_FILE)],
      unfinished,
    )
    const path = join(folder, name)
    const [sha256, {size}] = await Promise.all([hashFile(unfinished), stat(unfinished)])
    await rename(unfinished, path)
    syncFolder(folder)
    const tookMs = Math.round(clock.elapsed() - began)
    return {name, path, bytes: size, sha256, files: files.length, createdAt, tookMs}
  } catch (error) {
    await rm(unfinished, {force: true})
    throw toFailure(error)
  } finally {
    if (staging !== undefined) await removeTree(staging).catch(() => {})
  }
}

/** The database first, then what it speaks of: bundles and files are never written to again, so they are of the same moment. */
async function stage(dataFolder: string, staging: string): Promise<void> {
  const copy = join(staging, DATABASE_FILE)
  await copyDatabase(join(dataFolder, DATABASE_FILE), copy)
  const {versions, artifacts} = listReferences(copy, dataFolder)
  for (const {plugin, version, folder} of versions) {
    await copyTree(folder, placeOf(folder, dataFolder, staging)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      const reason = `version ${version} of plugin "${plugin}" was removed meanwhile, or is not there\nTry again`
      throw new HostError('BACKUP_FAILED', {reason}, error)
    })
  }
  for (const path of artifacts) {
    await copyOne(path, placeOf(path, dataFolder, staging), {share: true, changing: true})
  }
  await copyTree(join(dataFolder, 'plugin-data'), join(staging, 'plugin-data'), {changing: true})
}

function placeOf(path: string, dataFolder: string, staging: string): string {
  const inside = relative(resolve(dataFolder), path)
  const [root = ''] = inside.split(/[\\/]/)
  if (KEPT_FOLDERS.some(kept => kept === root)) return join(staging, inside)
  throw new HostError('BACKUP_FAILED', {reason: `"${path}" is not in the data folder`})
}

/** Made if it is not there, and cleared of what a backup that was cut off has left. */
async function openFolder(folder: string): Promise<void> {
  await mkdir(folder, {recursive: true, mode: 0o700})
  for (const name of await readdir(folder)) if (name.endsWith(UNFINISHED)) await rm(join(folder, name), {force: true})
}

/** Room for a copy of everything and for the archive, should nothing in it get smaller. */
async function requireSpace(dataFolder: string, readFreeBytes: (folder: string) => Promise<number>): Promise<void> {
  let needed = 0
  for (const kept of KEPT_FOLDERS) needed += 2 * (await measureTree(join(dataFolder, kept)))
  for (const end of ['', '-wal']) {
    needed += 2 * ((await stat(join(dataFolder, DATABASE_FILE + end)).catch(() => undefined))?.size ?? 0)
  }
  const free = await readFreeBytes(dataFolder)
  if (free >= needed) return
  throw new HostError('BACKUP_FAILED', {reason: `it may need ${needed} bytes and ${free} are free`})
}

async function freeBytes(folder: string): Promise<number> {
  const {bavail, bsize} = await statfs(folder)
  return bavail * bsize
}

function toFailure(error: unknown): HostError {
  if (error instanceof HostError && error.code === 'BACKUP_FAILED') return error
  return new HostError('BACKUP_FAILED', {reason: (error as Error).message}, error)
}
