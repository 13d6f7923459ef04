import {createHash} from 'node:crypto'
import {createReadStream} from 'node:fs'
import {lstat, readdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {HostError} from '../errors.ts'

export const MANIFEST_FILE = 'backup.json'
export const DATABASE_FILE = 'plugin-host.db'
/** What else of the data folder is in a backup. */
export const KEPT_FOLDERS = ['plugins', 'plugin-data', 'artifacts'] as const

const FORMAT = 1

export interface BackedUpFile {
  /** With `/` between the parts. */
  path: string
  bytes: number
  /** Hex. */
  sha256: string
  executable: boolean
}

/** The file `backup.json` in an archive: what has to be in it, byte for byte. */
export interface BackupManifest {
  format: typeof FORMAT
  /** Milliseconds since 1970. */
  createdAt: number
  /** Release that made it. */
  release: string
  files: BackedUpFile[]
}

/** Reads every file below a folder, and writes down what is there. */
export async function writeManifest(
  folder: string,
  facts: Pick<BackupManifest, 'createdAt' | 'release'>,
): Promise<BackupManifest> {
  const manifest: BackupManifest = {format: FORMAT, ...facts, files: await hashFiles(folder)}
  await writeFile(join(folder, MANIFEST_FILE), JSON.stringify(manifest), {mode: 0o600})
  return manifest
}

/** Requires that an unpacked folder holds exactly what its manifest names, byte for byte. Throws RESTORE_REFUSED. */
export async function verifyManifest(folder: string): Promise<BackupManifest> {
  const manifest = await readManifest(folder)
  const wanted = new Map(manifest.files.map(file => [file.path, file]))
  for (const found of await hashFiles(folder)) {
    if (found.path === MANIFEST_FILE) continue
    const {bytes, sha256} = wanted.get(found.path) ?? refuse(`"${found.path}" in it is not in its list of files`)
    if (found.bytes !== bytes || found.sha256 !== sha256) refuse(`"${found.path}" in it was changed`)
    wanted.delete(found.path)
  }
  const [missing] = wanted.keys()
  if (missing !== undefined) refuse(`"${missing}" is missing in it`)
  return manifest
}

async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, MANIFEST_FILE), 'utf8').catch(() => refuse(`it has no ${MANIFEST_FILE}`))
  const manifest = parseJson(text)
  if (!isManifest(manifest)) return refuse(`its ${MANIFEST_FILE} is not of format ${FORMAT}`)
  if (!manifest.files.some(({path}) => path === DATABASE_FILE)) return refuse('it has no database')
  return manifest
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isManifest(value: unknown): value is BackupManifest {
  const {format, createdAt, files} = Object(value) as Partial<BackupManifest>
  return format === FORMAT && typeof createdAt === 'number' && Array.isArray(files) && files.every(isFile)
}

function isFile(value: unknown): boolean {
  const {path, bytes, sha256} = Object(value) as Partial<BackedUpFile>
  return typeof path === 'string' && typeof bytes === 'number' && typeof sha256 === 'string'
}

async function hashFiles(folder: string): Promise<BackedUpFile[]> {
  const files: BackedUpFile[] = []
  for await (const path of walkFiles(folder)) {
    const {size, mode} = await lstat(join(folder, path))
    files.push({path, bytes: size, sha256: await hashFile(join(folder, path)), executable: (mode & 0o100) !== 0})
  }
  return files
}

async function* walkFiles(folder: string, prefix = ''): AsyncGenerator<string> {
  for (const entry of await readdir(join(folder, prefix), {withFileTypes: true})) {
    const path = prefix + entry.name
    if (entry.isDirectory()) yield* walkFiles(folder, `${path}/`)
    else yield path
  }
}

export async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

function refuse(reason: string): never {
  throw new HostError('RESTORE_REFUSED', {reason})
}
