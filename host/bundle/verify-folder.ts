import {constants} from 'node:fs'
import {open, readdir, stat} from 'node:fs/promises'
import {join} from 'node:path'
import {HostError} from '../errors.ts'
import type {Manifest} from '../manifest.ts'
import {ENTRY_LIMITS} from './bundle-limits.ts'
import {type BundleProblem, describeProblem} from './bundle-problems.ts'
import {lintManifest} from './lint-manifest.ts'
import {readManifest} from './parse-manifest.ts'
import {decodeText} from './verify-bundle.ts'

export interface VerifiedFolder {
  manifest: Manifest | undefined
  problems: BundleProblem[]
  /** Names of the files in it, with `/`, but for node_modules and names with a leading dot. */
  files: ReadonlySet<string>
}

/** Judges a plugin's source folder: its manifest and the files that names. Throws BUNDLE_NOT_FOUND or BUNDLE_UNREADABLE. */
export async function verifyFolder(folder: string): Promise<VerifiedFolder> {
  await requireFolder(folder)
  const files = new Set(await listFiles(folder))
  if (!files.has('plugin.json')) {
    return {manifest: undefined, problems: [describeProblem('MANIFEST_MISSING', '')], files}
  }
  const bytes = await readLimited(join(folder, 'plugin.json'))
  if (bytes.length > ENTRY_LIMITS.manifest) {
    return {manifest: undefined, problems: [describeProblem('MANIFEST_TOO_LARGE', 'plugin.json')], files}
  }
  const text = decodeText(bytes)
  if (text === undefined) {
    return {manifest: undefined, problems: [describeProblem('MANIFEST_NOT_UTF8', 'plugin.json')], files}
  }
  const {manifest, problems} = readManifest(text)
  return {manifest, problems: manifest ? lintManifest(manifest, files, {source: true}) : problems, files}
}

async function requireFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(error => {
    throw new HostError('BUNDLE_NOT_FOUND', {path: folder}, error)
  })
  if (!found.isDirectory()) throw new HostError('BUNDLE_UNREADABLE', {path: folder, reason: 'it is not a folder'})
}

async function listFiles(folder: string, prefix = ''): Promise<string[]> {
  const names: string[] = []
  for (const entry of await readdir(join(folder, prefix), {withFileTypes: true})) {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) continue
    if (entry.isDirectory()) names.push(...(await listFiles(folder, `${prefix}${entry.name}/`)))
    else if (entry.isFile()) names.push(prefix + entry.name)
  }
  return names
}

/** At most one byte more than a manifest may have. */
async function readLimited(path: string): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY)
  try {
    const length = ENTRY_LIMITS.manifest + 1
    const {buffer, bytesRead} = await handle.read(Buffer.alloc(length), 0, length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}
