import type {Manifest} from '../manifest.ts'
import type {BundleContents, BundleEntry, BundleFormat} from './bundle-entry.ts'
import {type BundleLimits, ENTRY_LIMITS} from './bundle-limits.ts'
import {type BundleProblem, describeProblem, listProblems} from './bundle-problems.ts'
import {lintManifest} from './lint-manifest.ts'
import {type OpenedBundle, openBundle} from './open-bundle.ts'
import {readManifest} from './parse-manifest.ts'
import {verifyTar} from './verify-tar.ts'
import {verifyZip} from './verify-zip.ts'

/** What was found in a bundle. It is sound when there are no problems; then there is a manifest. */
export interface VerifiedBundle {
  manifest: Manifest | undefined
  problems: BundleProblem[]
  entries: BundleEntry[]
  /** SHA-256 of the file, hex. */
  digest: string
  /** Of the file, bytes. */
  size: number
  format: BundleFormat
  /** Leading folder of every name in the archive that `entries` leave out. */
  prefix: string
}

/**
 * The one judge of bundles, for `check` and for installing: reads the whole file, unpacks nothing to disk.
 * Throws BUNDLE_NOT_FOUND, BUNDLE_UNREADABLE or BUNDLE_TOO_LARGE, and BUNDLE_REFUSED for a file of another format;
 * everything else is a problem in the answer.
 */
export async function verifyBundle(path: string, limits: BundleLimits): Promise<VerifiedBundle> {
  const opened = await openBundle(path, limits)
  try {
    const {manifest, entries, prefix, problems} = await readContents(opened, limits)
    const unread = entries.length === 0 && problems.length > 0
    const judged = unread ? {manifest: undefined, problems: []} : judgeManifest(manifest, entries)
    const {digest, size, format} = opened
    return {
      manifest: judged.manifest,
      problems: [...problems, ...judged.problems],
      entries,
      prefix,
      digest,
      size,
      format,
    }
  } finally {
    await opened.close()
  }
}

async function readContents(opened: OpenedBundle, limits: BundleLimits): Promise<BundleContents> {
  try {
    return await (opened.format === 'zip' ? verifyZip(opened, limits) : verifyTar(opened, limits))
  } catch (error) {
    const problems = listProblems(error)
    if (!problems) throw error
    return {entries: [], problems, manifest: undefined, prefix: ''}
  }
}

function judgeManifest(
  bytes: Buffer | undefined,
  entries: readonly BundleEntry[],
): {manifest: Manifest | undefined; problems: BundleProblem[]} {
  const files = new Map(entries.filter(({kind}) => kind === 'file').map(entry => [entry.path, entry.bytes]))
  if (!bytes) return {manifest: undefined, problems: explainMissing(files.get('plugin.json'))}
  const text = decodeText(bytes)
  if (text === undefined) {
    return {manifest: undefined, problems: [describeProblem('MANIFEST_NOT_UTF8', 'plugin.json')]}
  }
  const {manifest, problems} = readManifest(text)
  return {manifest, problems: manifest ? lintManifest(manifest, new Set(files.keys())) : problems}
}

function explainMissing(bytes: number | undefined): BundleProblem[] {
  if (bytes === undefined) return [describeProblem('MANIFEST_MISSING', '')]
  // Else it is there but could not be read, which has been told already.
  return bytes > ENTRY_LIMITS.manifest ? [describeProblem('MANIFEST_TOO_LARGE', 'plugin.json')] : []
}

/** undefined for bytes that are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(bytes)
  } catch {
    return undefined
  }
}
