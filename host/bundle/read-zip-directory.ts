import {type BundleLimits, ENTRY_LIMITS} from './bundle-limits.ts'
import {refuse} from './bundle-problems.ts'
import type {OpenedBundle} from './open-bundle.ts'

const END_BYTES = 22
const END_SIGNATURE = 0x06054b50
const ZIP64_LOCATOR_SIGNATURE = 0x07064b50
const ZIP64_LOCATOR_BYTES = 20
const RECORD_BYTES = 46
const RECORD_SIGNATURE = 0x02014b50
const LONGEST_COMMENT = 0xffff
const YIELD_EVERY = 1000

/** One record of the central directory, as it stands. */
export interface ZipRecord {
  nameBytes: Buffer
  extra: Buffer
  madeBy: number
  versionNeeded: number
  flags: number
  method: number
  crc: number
  packedBytes: number
  bytes: number
  attributes: number
  commentBytes: number
  disk: number
  /** Of the local header. */
  offset: number
}

export interface ZipDirectory {
  records: ZipRecord[]
  /** Where the directory begins, and so where the last entry must end. */
  offset: number
}

/** Reads the end record and the whole central directory, and requires that both end exactly where they say. */
export async function readZipDirectory(bundle: OpenedBundle, limits: BundleLimits): Promise<ZipDirectory> {
  const tail = await readTail(bundle)
  const end = requireEndRecord(tail)
  requireSingleDisk(end)
  const count = end.readUInt16LE(10)
  const bytes = end.readUInt32LE(12)
  const offset = end.readUInt32LE(16)
  if (count === 0xffff || bytes === 0xffffffff || offset === 0xffffffff) throw refuse('ZIP_ZIP64', '')
  if (offset + bytes !== bundle.size - END_BYTES) {
    throw refuse(hasZip64Locator(tail) ? 'ZIP_ZIP64' : 'ZIP_DIRECTORY_BOUNDS', '')
  }
  if (count > limits.maxEntries)
    throw refuse('ZIP_TOO_MANY_ENTRIES', '', `${count}, and ${limits.maxEntries} are allowed`)
  if (bytes > count * (RECORD_BYTES + ENTRY_LIMITS.name + ENTRY_LIMITS.extra))
    throw refuse('ZIP_DIRECTORY_TOO_LARGE', '')
  const directory = Buffer.alloc(bytes)
  await bundle.handle.read(directory, 0, bytes, offset)
  const records = await parseRecords(directory, count)
  return {records, offset}
}

async function readTail({handle, size}: OpenedBundle): Promise<Buffer> {
  const length = Math.min(size, END_BYTES + LONGEST_COMMENT)
  const {buffer} = await handle.read(Buffer.alloc(length), 0, length, size - length)
  return buffer
}

/** The end record, if it is the very end; else the reason why it is not. */
function requireEndRecord(tail: Buffer): Buffer {
  const last = tail.length - END_BYTES
  if (last >= 0 && tail.readUInt32LE(last) === END_SIGNATURE && tail.readUInt16LE(last + 20) === 0) {
    return tail.subarray(last)
  }
  const at = last < 0 ? -1 : tail.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]), last)
  if (at < 0) throw refuse('ZIP_NO_END', '')
  throw refuse(tail.readUInt16LE(at + 20) > 0 ? 'ZIP_ARCHIVE_COMMENT' : 'ZIP_TRAILING_BYTES', '')
}

function requireSingleDisk(end: Buffer): void {
  const disks = [end.readUInt16LE(4), end.readUInt16LE(6)]
  if (disks.every(disk => disk === 0xffff)) throw refuse('ZIP_ZIP64', '')
  if (disks.some(disk => disk !== 0)) throw refuse('ZIP_MULTI_DISK', '')
  if (end.readUInt16LE(8) !== end.readUInt16LE(10)) throw refuse('ZIP_ENTRY_COUNT', '')
}

function hasZip64Locator(tail: Buffer): boolean {
  const at = tail.length - END_BYTES - ZIP64_LOCATOR_BYTES
  return at >= 0 && tail.readUInt32LE(at) === ZIP64_LOCATOR_SIGNATURE
}

async function parseRecords(directory: Buffer, count: number): Promise<ZipRecord[]> {
  const records: ZipRecord[] = []
  let position = 0
  while (position < directory.length) {
    if (records.length === count) throw refuse('ZIP_ENTRY_COUNT', '', 'there are more')
    const record = parseRecord(directory, position)
    records.push(record)
    position += RECORD_BYTES + record.nameBytes.length + record.extra.length + record.commentBytes
    if (records.length % YIELD_EVERY === 0) await new Promise(setImmediate)
  }
  if (records.length !== count) throw refuse('ZIP_ENTRY_COUNT', '', `it says ${count} and has ${records.length}`)
  return records
}

function parseRecord(directory: Buffer, at: number): ZipRecord {
  if (at + RECORD_BYTES > directory.length || directory.readUInt32LE(at) !== RECORD_SIGNATURE) {
    throw refuse('ZIP_DIRECTORY_RECORD', '')
  }
  const nameEnd = at + RECORD_BYTES + directory.readUInt16LE(at + 28)
  const extraEnd = nameEnd + directory.readUInt16LE(at + 30)
  const commentBytes = directory.readUInt16LE(at + 32)
  if (extraEnd + commentBytes > directory.length) throw refuse('ZIP_DIRECTORY_RECORD', '')
  return {
    nameBytes: directory.subarray(at + RECORD_BYTES, nameEnd),
    extra: directory.subarray(nameEnd, extraEnd),
    madeBy: directory.readUInt16LE(at + 4),
    versionNeeded: directory.readUInt16LE(at + 6),
    flags: directory.readUInt16LE(at + 8),
    method: directory.readUInt16LE(at + 10),
    crc: directory.readUInt32LE(at + 16),
    packedBytes: directory.readUInt32LE(at + 20),
    bytes: directory.readUInt32LE(at + 24),
    commentBytes,
    disk: directory.readUInt16LE(at + 34),
    attributes: directory.readUInt32LE(at + 38),
    offset: directory.readUInt32LE(at + 42),
  }
}
