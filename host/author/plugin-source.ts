import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {buildBundle} from '../bundle/build-bundle.ts'
import {refusal} from '../bundle/bundle-problems.ts'
import {verifyBundle} from '../bundle/verify-bundle.ts'
import {verifyFolder} from '../bundle/verify-folder.ts'
import {loadConfig} from '../config.ts'
import {HostError} from '../errors.ts'
import type {Manifest} from '../manifest.ts'

/** A plugin as its author has it: a source folder, or a bundle (.fp, .tgz). */
export interface PluginSource {
  /** Absolute or from the current folder. */
  path: string
  isFolder: boolean
  manifest: Manifest
}

/** Reads what the plugin says of itself; builds and starts nothing. Throws BUNDLE_* or MANIFEST_INVALID. */
export async function openSource(path: string): Promise<PluginSource> {
  const stats = await stat(path).catch(error => {
    throw new HostError('BUNDLE_NOT_FOUND', {path}, error)
  })
  const isFolder = stats.isDirectory()
  const {manifest, problems} = await (isFolder ? verifyFolder(path) : verifyBundle(path, loadConfig().bundle))
  if (problems.length > 0 || !manifest) throw refusal(problems)
  return {path, isFolder, manifest}
}

/** The bundle to install: the given one, or a fresh one in `folder`. Throws BUILD_FAILED. */
export async function buildSource(
  {path, isFolder}: Pick<PluginSource, 'path' | 'isFolder'>,
  folder: string,
  signal: AbortSignal,
): Promise<{file: string; warnings: string[]}> {
  if (!isFolder) return {file: path, warnings: []}
  const {path: file, warnings} = await buildBundle(path, {out: join(folder, 'plugin.fp'), signal})
  return {file, warnings}
}
