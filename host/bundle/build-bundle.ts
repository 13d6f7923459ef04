import {createHash, randomBytes} from 'node:crypto'
import {readFile, realpath, rename, rm, stat, writeFile} from 'node:fs/promises'
import {basename, dirname, join, resolve} from 'node:path'
import {loadConfig} from '../config.ts'
import {HostError} from '../errors.ts'
import type {Manifest} from '../manifest.ts'
import {buildFailed} from './build-problems.ts'
import {BUNDLED_ENTRY, type BundledCode, bundleCode} from './bundle-code.ts'
import type {BundleLimits} from './bundle-limits.ts'
import {type BundleProblem, refusal} from './bundle-problems.ts'
import {type BundleFiles, collectFiles} from './collect-files.ts'
import {generateTypes, TYPES_FILE} from './generate-types.ts'
import {lintManifest} from './lint-manifest.ts'
import {packBundle} from './pack-bundle.ts'
import {parseManifest} from './parse-manifest.ts'
import {typeCheck} from './type-check.ts'
import {verifyBundle} from './verify-bundle.ts'

export interface BuildBundleOptions {
  /** Path of the bundle; `<id>-<version>.fp` in the current folder when left out. */
  out?: string | undefined
  /** Puts a source map beside the bundled module. */
  sourcemap?: boolean | undefined
  /** Stands in for the version of plugin.json. */
  version?: string | undefined
  signal?: AbortSignal | undefined
}

export interface BuiltBundle {
  /** Absolute. */
  path: string
  id: string
  version: string
  bytes: number
  sha256: string
  /** Entry names, sorted. */
  files: string[]
  warnings: string[]
}

/**
 * Checks, bundles and packs a plugin's folder; the bundle is there whole or not at all, and `verifyBundle` accepts it.
 * Throws MANIFEST_INVALID or BUILD_FAILED.
 */
export async function buildBundle(folder: string, options: BuildBundleOptions = {}): Promise<BuiltBundle> {
  const source = await openFolder(folder)
  const {version} = options
  const manifest = {
    ...parseManifest(await readManifest(source), 'plugin.json'),
    ...(version !== undefined && {version}),
  }
  try {
    return await buildParsed(source, manifest, options)
  } catch (error) {
    if (options.signal?.aborted || error instanceof HostError) throw error
    throw new HostError('BUILD_FAILED', {plugin: manifest.id, reason: (error as Error).message}, error)
  }
}

async function buildParsed(folder: string, manifest: Manifest, options: BuildBundleOptions): Promise<BuiltBundle> {
  const {signal} = options
  const limits = loadConfig().bundle
  const {files, problems} = await collectFiles(folder, manifest, limits)
  if (problems.length > 0) throw buildFailed(manifest.id, problems)
  await lintSource(folder, manifest, files)
  const code = manifest.entry === undefined ? undefined : await compileEntry(folder, manifest, manifest.entry, options)
  signal?.throwIfAborted()
  const packed = code === undefined ? manifest : {...manifest, entry: BUNDLED_ENTRY}
  files.set('plugin.json', Buffer.from(`${JSON.stringify(packed, null, 2)}\n`))
  for (const [name, data] of Object.entries(code?.files ?? {})) files.set(name, data)
  const path = resolve(options.out ?? `${manifest.id}-${manifest.version}.fp`)
  const facts = await writeBundle(path, files, {plugin: manifest.id, limits, signal})
  const {id, version} = manifest
  return {path, id, version, ...facts, files: [...files.keys()].sort(), warnings: code?.warnings ?? []}
}

/** What the result would be refused for is told before the compiler is asked. */
async function lintSource(folder: string, manifest: Manifest, files: BundleFiles): Promise<void> {
  const names = new Set(files.keys())
  const {entry} = manifest
  if (entry !== undefined && (await stat(join(folder, entry)).catch(() => undefined))?.isFile()) names.add(entry)
  const problems = lintManifest(manifest, names, {source: true})
  if (problems.length > 0) throw refusal(problems)
}

async function openFolder(folder: string): Promise<string> {
  try {
    // Paths are told from here, so a link in the way must not show.
    return await realpath(folder)
  } catch (error) {
    throw new HostError('BUILD_FAILED', {plugin: folder, reason: 'there is no such folder'}, error)
  }
}

async function readManifest(folder: string): Promise<string> {
  try {
    return await readFile(join(folder, 'plugin.json'), 'utf8')
  } catch (error) {
    const reason = 'its folder has no readable plugin.json\nMake a plugin with "plugin-host init <dir>"'
    throw new HostError('BUILD_FAILED', {plugin: basename(folder), reason}, error)
  }
}

async function compileEntry(
  folder: string,
  manifest: Manifest,
  entry: string,
  {sourcemap, signal}: BuildBundleOptions,
): Promise<BundledCode> {
  if (/\.[cm]?tsx?$/.test(entry)) {
    await writeWhenChanged(join(folder, dirname(entry), TYPES_FILE), await generateTypes(manifest))
    const problems = await typeCheck(folder, entry, {signal})
    if (problems.length > 0) throw buildFailed(manifest.id, problems)
  }
  signal?.throwIfAborted()
  return bundleCode(folder, entry, {plugin: manifest.id, sourcemap})
}

async function writeWhenChanged(path: string, text: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => undefined)) !== text) await writeFile(path, text)
}

/** Under another name first: a build that fails, or is ended, leaves what was there. */
async function writeBundle(
  path: string,
  files: BundleFiles,
  {plugin, limits, signal}: {plugin: string; limits: BundleLimits; signal: AbortSignal | undefined},
): Promise<{bytes: number; sha256: string}> {
  const bytes = await packBundle(files)
  const temp = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`)
  try {
    await writeFile(temp, bytes, {flag: 'wx', signal})
    const {problems} = await verifyBundle(temp, limits)
    if (problems.length > 0) throw buildFailed(plugin, problems.map(toBuildProblem))
    await rename(temp, path)
  } finally {
    await rm(temp, {force: true})
  }
  return {bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex')}
}

function toBuildProblem({place, message, remedy}: BundleProblem): {file: string; message: string} {
  return {file: place || 'the bundle', message: `${message}. ${remedy}`}
}
