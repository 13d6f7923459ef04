import {lstat, readdir, readFile} from 'node:fs/promises'
import {basename, join} from 'node:path'
import type {Manifest} from '../manifest.ts'
import type {BuildProblem} from './build-problems.ts'

/** Contents by entry name, slashes on every system. */
export type BundleFiles = Map<string, Uint8Array>

const ASSETS = 'assets'
const LEFT_OUT = ['node_modules', '__pycache__', 'test', 'tests']
const LEFT_OUT_ENDINGS = /\.(fp|tgz|pyc)$|[._-]test\.[^.]+$|^test_[^/]*\.py$/

/** Reads what goes into a bundle beside the manifest and bundled code; each thing that cannot becomes a problem. */
export async function collectFiles(
  folder: string,
  manifest: Manifest,
  {maxEntries, maxUnpackedBytes}: {maxEntries: number; maxUnpackedBytes: number},
): Promise<{files: BundleFiles; problems: BuildProblem[]}> {
  const files: BundleFiles = new Map()
  const problems: BuildProblem[] = []
  let bytes = 0
  const problem = (file: string, message: string): void => void problems.push({file, message})

  async function addFile(name: string, size: number): Promise<void> {
    bytes += size
    if (bytes > maxUnpackedBytes || files.size >= maxEntries) {
      throw new Error(`"${name}" makes more than a bundle may hold: ${maxEntries} files or ${maxUnpackedBytes} bytes`)
    }
    files.set(name, await readFile(join(folder, name)))
  }

  async function add(name: string): Promise<void> {
    const stats = await lstat(join(folder, name)).catch(() => undefined)
    // What the manifest names and is not there is the linter's to tell.
    if (!stats) return
    if (stats.isSymbolicLink()) problem(name, 'is a link, which a bundle cannot hold. Put the file itself there')
    else if (stats.isDirectory()) await addFolder(name)
    else if (stats.isFile()) await addFile(name, stats.size)
    else problem(name, 'is neither a file nor a folder')
  }

  async function addFolder(name: string): Promise<void> {
    for (const child of (await readdir(join(folder, name))).sort()) {
      if (!isLeftOut(child)) await add(name === '.' ? child : `${name}/${child}`)
    }
  }

  if (manifest.process?.command) await addFolder('.')
  else if (await lstat(join(folder, ASSETS)).catch(() => undefined)) await add(ASSETS)
  for (const name of [manifest.docs, manifest.icon]) if (name !== undefined && !files.has(name)) await add(name)
  return {files, problems}
}

function isLeftOut(name: string): boolean {
  return name.startsWith('.') || LEFT_OUT.includes(basename(name)) || LEFT_OUT_ENDINGS.test(name)
}
