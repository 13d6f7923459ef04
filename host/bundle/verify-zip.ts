import {createInflateRaw} from 'node:zlib'
import type {HostError} from '../errors.ts'
import {type BundleContents, type BundleEntry, sumBytes} from './bundle-entry.ts'
import {type BundleLimits, ENTRY_LIMITS} from './bundle-limits.ts'
import {type BundleProblem, describeProblem, listProblems, refuse} from './bundle-problems.ts'
import {createEntryTree} from './entry-tree.ts'
import {type DataFacts, inflateExactly, measureData} from './inflate.ts'
import {type JudgedEntry, judgeZipEntry} from './judge-zip-entry.ts'
import {type OpenedBundle, readRange} from './open-bundle.ts'
import {readZipDirectory} from './read-zip-directory.ts'
import {walkZipEntries, type ZipEntry} from './walk-zip-entries.ts'

const YIELD_EVERY = 500

/**
 * Reads every byte of a zip and says what is wrong with it. Damage to the structure ends the reading at once (throws
 * BUNDLE_REFUSED); what is wrong with single entries is collected. Nothing is unpacked before the declared sizes fit.
 */
export async function verifyZip(bundle: OpenedBundle, limits: BundleLimits): Promise<BundleContents> {
  const directory = await readZipDirectory(bundle, limits)
  const entries = await walkZipEntries(bundle, directory)
  const {judged, problems} = await judgeEntries(entries)
  const oversize = judgeSizes(entries, bundle.size, limits)
  if (oversize.length > 0) return {entries: [], problems: [...problems, ...oversize], manifest: undefined, prefix: ''}
  const data = await readAllData(bundle, entries, judged)
  const manifest = judged.findIndex(({path, kind}) => path === 'plugin.json' && kind === 'file')
  return {
    entries: entries.map((entry, index) => toBundleEntry(entry, judged[index], data.facts[index])),
    problems: [...problems, ...data.problems],
    manifest: data.facts[manifest]?.kept,
    prefix: '',
  }
}

async function judgeEntries(entries: ZipEntry[]): Promise<{judged: JudgedEntry[]; problems: BundleProblem[]}> {
  const addEntry = createEntryTree()
  const judged: JudgedEntry[] = []
  const problems: BundleProblem[] = []
  for (const entry of entries) {
    const verdict = judgeZipEntry(entry)
    judged.push(verdict)
    problems.push(...verdict.problems)
    // A name that is bad by itself would only bring a second complaint.
    const collision = verdict.problems.length === 0 ? addEntry(verdict.path, verdict.kind) : undefined
    if (collision) problems.push(collision)
    if (judged.length % YIELD_EVERY === 0) await new Promise(setImmediate)
  }
  return {judged, problems}
}

function judgeSizes(entries: ZipEntry[], packed: number, limits: BundleLimits): BundleProblem[] {
  const total = sumBytes(entries)
  const problems = entries
    .filter(entry => entry.bytes > limits.maxFileBytes)
    .map(entry => describeProblem('SIZE_FILE', entry.place, `${entry.bytes} bytes`))
  if (total > limits.maxUnpackedBytes) problems.push(describeProblem('SIZE_TOTAL', '', `${total} bytes`))
  if (problems.length === 0 && total > ENTRY_LIMITS.ratioFloor && total > packed * limits.maxRatio) {
    problems.push(describeProblem('SIZE_RATIO', '', `${Math.round(total / packed)} times`))
  }
  return problems
}

async function readAllData(
  bundle: OpenedBundle,
  entries: ZipEntry[],
  judged: JudgedEntry[],
): Promise<{facts: (DataFacts | undefined)[]; problems: BundleProblem[]}> {
  const facts: (DataFacts | undefined)[] = []
  const problems: BundleProblem[] = []
  for (const [index, entry] of entries.entries()) {
    try {
      facts.push(judged[index]?.readable ? await readData(bundle, entry) : undefined)
    } catch (error) {
      const found = listProblems(error)
      if (!found) throw error
      facts.push(undefined)
      problems.push(...found)
    }
  }
  return {facts, problems}
}

/** Inflates one entry to nowhere, counting: at the first byte over the declared size it stops. */
async function readData(bundle: OpenedBundle, entry: ZipEntry): Promise<DataFacts> {
  const {place, bytes, crc, method} = entry
  const packed = readRange(bundle.handle, entry.dataOffset, entry.packedBytes)
  const source =
    method === 0
      ? packed
      : inflateExactly(packed, createInflateRaw(), {place, broken: 'ZIP_DATA_BROKEN', trailing: 'ZIP_DATA_TRAILING'})
  const keep = place === 'plugin.json' && bytes <= ENTRY_LIMITS.manifest
  const onExcess = (): HostError => refuse('ZIP_SIZE_LIE', place, `it declares ${bytes} bytes and has more`)
  const facts = await measureData(source, bytes, {keep, onExcess})
  if (facts.bytes !== bytes) throw refuse('ZIP_SIZE_LIE', place, `it declares ${bytes} bytes and has ${facts.bytes}`)
  if (facts.crc !== crc) throw refuse('ZIP_CRC_MISMATCH', place)
  return facts
}

function toBundleEntry(entry: ZipEntry, judged?: JudgedEntry, facts?: DataFacts): BundleEntry {
  const kind = judged?.kind ?? 'file'
  return {
    path: judged?.path ?? '',
    kind,
    bytes: entry.bytes,
    sha256: kind === 'file' ? (facts?.sha256 ?? '') : '',
    executable: kind === 'file' && (judged?.executable ?? false),
  }
}
