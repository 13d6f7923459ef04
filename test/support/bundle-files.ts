import {createHash} from 'node:crypto'
import {lstat, mkdir, readdir, readFile, readlink, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import {loadConfig} from '../../host/config.ts'
import type {Manifest} from '../../host/manifest.ts'
import {buildZip, type ZipSpec} from './zip-builder.ts'

export const LIMITS = loadConfig().bundle

/** A small manifest without any problem, changed as asked. */
export function sampleManifest(changes: Partial<Manifest> = {}): Manifest {
  return {
    fp: 1,
    id: 'com.example.sample',
    version: '1.0.0',
    name: 'Sample',
    summary: 'A plugin to try bundles with',
    kinds: ['action'],
    entry: 'main.js',
    actions: {
      hello: {effect: 'read', input: {type: 'object'}, output: {}, samples: [{title: 'nothing', input: {}}]},
    },
    ...changes,
  }
}

/** The files of a sound bundle. */
export function sampleFiles(changes: Partial<Manifest> = {}): {[name: string]: string} {
  return {
    'plugin.json': JSON.stringify(sampleManifest(changes), null, 2),
    'main.js': 'export default {}\n'.repeat(20),
    'assets/greeting.txt': 'hello',
  }
}

/** The entries of a sound .fp. */
export function sampleSpecs(changes: Partial<Manifest> = {}): ZipSpec[] {
  return Object.entries(sampleFiles(changes)).map(([name, data]) => ({name, data}))
}

export function sampleZip(changes: Partial<Manifest> = {}): Buffer {
  return buildZip(sampleSpecs(changes))
}

export async function writeFiles(folder: string, files: {[name: string]: string | Buffer}): Promise<void> {
  for (const [name, data] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), {recursive: true})
    await writeFile(join(folder, name), data)
  }
}

/** Contents of all files below, by name. */
export async function readFiles(folder: string): Promise<{[name: string]: string}> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true})
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  const pairs = files.sort().map(async path => [path.slice(folder.length + 1), await readFile(path, 'utf8')])
  return Object.fromEntries(await Promise.all(pairs))
}

/** Everything about a tree that could be tampered with, a line for each name; not following links. */
export async function describeTree(folder: string): Promise<string[]> {
  const entries = await readdir(folder, {recursive: true, withFileTypes: true}).catch(() => [])
  const lines = entries.map(async entry => {
    const path = join(entry.parentPath, entry.name)
    const {mode} = await lstat(path)
    const content = entry.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : entry.isSymbolicLink()
        ? await readlink(path)
        : ''
    return `${path.slice(folder.length + 1)} ${mode.toString(8)} ${content}`
  })
  return (await Promise.all(lines)).sort()
}
