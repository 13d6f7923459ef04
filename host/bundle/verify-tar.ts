import {createGunzip} from 'node:zlib'
import type {HostError} from '../errors.ts'
import type {BundleContents, BundleEntry} from './bundle-entry.ts'
import {type BundleLimits, ENTRY_LIMITS} from './bundle-limits.ts'
import {type BundleProblem, describeProblem, refuse} from './bundle-problems.ts'
import {type ByteReader, createByteReader} from './byte-reader.ts'
import {judgeName} from './entry-names.ts'
import {createEntryTree} from './entry-tree.ts'
import {inflateExactly, measureData} from './inflate.ts'
import {type OpenedBundle, readRange} from './open-bundle.ts'
import {readTarExtension, readTarHeader, TAR_BLOCK, type TarExtension, type TarHeader} from './read-tar-header.ts'

/** Written by `npm pack` in front of every name. */
const NPM_PREFIX = 'package/'

/** An entry with its whole name, and its data if that might be the manifest. */
interface TarEntry extends BundleEntry {
  kept: Buffer | undefined
}

/**
 * Reads every byte of a .tgz, counting as it inflates, and accepts regular files and folders only. Damage ends the
 * reading at once (throws BUNDLE_REFUSED); what is wrong with single names is collected.
 */
export async function verifyTar(bundle: OpenedBundle, limits: BundleLimits): Promise<BundleContents> {
  const packed = readRange(bundle.handle, 0, bundle.size)
  const faults = {place: '', broken: 'TAR_DATA_BROKEN', trailing: 'TAR_DATA_TRAILING'} as const
  const source = limitBytes(inflateExactly(packed, createGunzip(), faults), bundle.size, limits)
  try {
    const entries = await readEntries(createByteReader(source), limits)
    return judgeEntries(entries)
  } finally {
    await source.return(undefined)
  }
}

/** Stops at the first byte over the budget; headers and padding count like data. */
async function* limitBytes(
  source: AsyncIterable<Buffer>,
  packed: number,
  limits: BundleLimits,
): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > limits.maxUnpackedBytes) throw refuse('SIZE_TOTAL', '', `over ${limits.maxUnpackedBytes} bytes`)
    if (bytes > ENTRY_LIMITS.ratioFloor && bytes > packed * limits.maxRatio) {
      throw refuse('SIZE_RATIO', '', `over ${limits.maxRatio} times`)
    }
    yield chunk
  }
}

async function readEntries(reader: ByteReader, limits: BundleLimits): Promise<TarEntry[]> {
  const entries: TarEntry[] = []
  let extension: TarExtension | undefined
  for (;;) {
    const block = await takeBlock(reader)
    if (isZero(block)) break
    const header = readTarHeader(block, extension)
    extension = undefined
    if (header.type === 'extended') {
      extension = readTarExtension(await takeAll(reader, header))
      continue
    }
    if (entries.length >= limits.maxEntries) {
      throw refuse('TAR_TOO_MANY_ENTRIES', '', `over ${limits.maxEntries}`)
    }
    entries.push(await readEntry(reader, header, limits))
  }
  if (extension !== undefined) throw refuse('TAR_EXTENDED', '', 'no entry follows it')
  await requireZeroTail(reader)
  return entries
}

async function readEntry(reader: ByteReader, header: TarHeader, limits: BundleLimits): Promise<TarEntry> {
  const {name, bytes, executable} = header
  if (bytes > limits.maxFileBytes) throw refuse('SIZE_FILE', name, `${bytes} bytes`)
  const keep = /^(package\/)?plugin\.json$/.test(name) && bytes <= ENTRY_LIMITS.manifest
  const truncated = (): HostError => refuse('TAR_TRUNCATED', name)
  const facts = await measureData(reader.stream(bytes), bytes, {keep, onExcess: truncated})
  if (facts.bytes < bytes) throw truncated()
  await skipPadding(reader, bytes)
  const kind = header.type === 'folder' ? 'folder' : 'file'
  return {path: name, kind, bytes, sha256: kind === 'file' ? facts.sha256 : '', executable, kept: facts.kept}
}

function judgeEntries(entries: TarEntry[]): BundleContents {
  const packed = entries.some(({path}) => path === `${NPM_PREFIX}plugin.json`)
  const prefix = packed ? NPM_PREFIX : ''
  const addEntry = createEntryTree()
  const problems: BundleProblem[] = []
  const kept = entries.flatMap(({kept: _, ...entry}) => {
    const path = entry.path.slice(entry.path.startsWith(prefix) ? prefix.length : 0).replace(/\/$/, '')
    // The folder that the prefix itself names.
    if (packed && path === '' && entry.kind === 'folder') return []
    const problem = judgeName(path) ?? judgePrefix(entry.path, prefix) ?? addEntry(path, entry.kind)
    if (problem) problems.push(problem)
    return [{...entry, path}]
  })
  const manifest = entries.find(({path, kind}) => kind === 'file' && path === `${prefix}plugin.json`)?.kept
  return {entries: kept, problems, manifest, prefix}
}

/** The extractor takes the first folder off, whatever its name. */
function judgePrefix(name: string, prefix: string): BundleProblem | undefined {
  return name.startsWith(prefix) ? undefined : describeProblem('TAR_PREFIX', name)
}

async function takeBlock(reader: ByteReader): Promise<Buffer> {
  const block = await reader.take(TAR_BLOCK)
  if (block?.length !== TAR_BLOCK) throw refuse('TAR_TRUNCATED', '')
  return block
}

async function takeAll(reader: ByteReader, {name, bytes}: TarHeader): Promise<Buffer> {
  const body = bytes === 0 ? Buffer.alloc(0) : await reader.take(bytes)
  if (body?.length !== bytes) throw refuse('TAR_TRUNCATED', name)
  await skipPadding(reader, bytes)
  return body
}

async function skipPadding(reader: ByteReader, bytes: number): Promise<void> {
  const padding = (TAR_BLOCK - (bytes % TAR_BLOCK)) % TAR_BLOCK
  if (padding > 0 && (await reader.take(padding))?.length !== padding) throw refuse('TAR_TRUNCATED', '')
}

/** After one block of zeros: at least another, and nothing but zeros to the end. */
async function requireZeroTail(reader: ByteReader): Promise<void> {
  if (!isZero(await takeBlock(reader))) throw refuse('TAR_TRAILING', '')
  for await (const chunk of reader.stream(Number.MAX_SAFE_INTEGER)) {
    if (!isZero(chunk)) throw refuse('TAR_TRAILING', '')
  }
}

function isZero(bytes: Buffer): boolean {
  return bytes.every(byte => byte === 0)
}
