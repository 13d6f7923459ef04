import type {BundleProblem} from './bundle-problems.ts'

export type BundleFormat = 'zip' | 'tgz'

/** One file or folder of a checked bundle. `path` is relative, with `/` and without a trailing one. */
export interface BundleEntry {
  path: string
  kind: 'file' | 'folder'
  /** Unpacked. */
  bytes: number
  /** Of the content, hex; '' for a folder. */
  sha256: string
  executable: boolean
}

/** What reading an archive to its end brought. */
export interface BundleContents {
  entries: BundleEntry[]
  problems: BundleProblem[]
  /** The bytes of plugin.json at the root, if it could be read. */
  manifest: Buffer | undefined
  /** Leading folder of every name in the archive, taken off in `entries`: `package/` for `npm pack`, else ''. */
  prefix: string
}

/** All folders the entries need, their implied parents included; parents first. */
export function listFolders(entries: readonly BundleEntry[]): string[] {
  const folders = new Set<string>()
  for (const {path, kind} of entries) {
    for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      folders.add(path.slice(0, slash))
    }
    if (kind === 'folder') folders.add(path)
  }
  return [...folders].sort()
}

export function sumBytes(entries: readonly {bytes: number}[]): number {
  return entries.reduce((total, entry) => total + entry.bytes, 0)
}
