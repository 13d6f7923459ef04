import {ENTRY_LIMITS} from './bundle-limits.ts'
import {refuse} from './bundle-problems.ts'
import type {OpenedBundle} from './open-bundle.ts'
import type {ZipDirectory, ZipRecord} from './read-zip-directory.ts'

const HEADER_BYTES = 30
const HEADER_SIGNATURE = 0x04034b50
const DESCRIPTOR_BYTES = 16
const DESCRIPTOR_SIGNATURE = 0x08074b50
const DESCRIPTOR_FLAG = 0x0008
const WINDOW = 64 * 1024

/** A directory record together with what its local header adds. */
export interface ZipEntry extends ZipRecord {
  /** Name for messages; never used as a path. */
  place: string
  localExtra: Buffer
  dataOffset: number
}

/**
 * Walks the local headers from byte 0 on and requires that each is the one the directory speaks of, agrees with it in
 * everything, and ends where the next begins, the last one at the directory. No byte is left over and none is shared.
 */
export async function walkZipEntries(bundle: OpenedBundle, {records, offset}: ZipDirectory): Promise<ZipEntry[]> {
  const read = createReader(bundle)
  const entries: ZipEntry[] = []
  let position = 0
  for (const record of [...records].sort((a, b) => a.offset - b.offset)) {
    const place = record.nameBytes.toString('utf8')
    if (record.offset < position) throw refuse('ZIP_OVERLAP', place)
    if (record.offset > position) throw refuse('ZIP_GAP', place, `${record.offset - position} before it`)
    const entry = await readLocalHeader(read, record, place)
    const dataEnd = entry.dataOffset + record.packedBytes
    position = dataEnd + (await requireDescriptor(read, entry, dataEnd))
    if (position > offset) throw refuse('ZIP_OVERLAP', place, 'it runs into the directory')
    entries.push(entry)
  }
  if (position !== offset) throw refuse('ZIP_GAP', '', `${offset - position} before the directory`)
  return entries
}

type Read = (position: number, length: number) => Promise<Buffer>

/** Small reads that mostly go forward, served from a window. Comes back short at the end of the file. */
function createReader({handle}: OpenedBundle): Read {
  let start = 0
  let window = Buffer.alloc(0)
  return async (position, length) => {
    if (position < start || position + length > start + window.length) {
      const size = Math.max(length, WINDOW)
      const {buffer, bytesRead} = await handle.read(Buffer.allocUnsafe(size), 0, size, position)
      start = position
      window = buffer.subarray(0, bytesRead)
    }
    return window.subarray(position - start, position - start + length)
  }
}

async function readLocalHeader(read: Read, record: ZipRecord, place: string): Promise<ZipEntry> {
  const header = await read(record.offset, HEADER_BYTES)
  if (header.length < HEADER_BYTES || header.readUInt32LE(0) !== HEADER_SIGNATURE) {
    throw refuse('ZIP_LOCAL_RECORD', place)
  }
  const nameLength = header.readUInt16LE(26)
  const extraLength = header.readUInt16LE(28)
  if (nameLength !== record.nameBytes.length) throw refuse('ZIP_NAME_MISMATCH', place)
  if (extraLength > ENTRY_LIMITS.extra) throw refuse('ZIP_EXTRA_TOO_LARGE', place)
  const rest = await read(record.offset + HEADER_BYTES, nameLength + extraLength)
  if (!rest.subarray(0, nameLength).equals(record.nameBytes)) throw refuse('ZIP_NAME_MISMATCH', place)
  requireAgreement(header, record, place)
  const dataOffset = record.offset + HEADER_BYTES + nameLength + extraLength
  return {...record, place, localExtra: rest.subarray(nameLength), dataOffset}
}

function requireAgreement(header: Buffer, record: ZipRecord, place: string): void {
  if (header.readUInt16LE(6) !== record.flags) throw refuse('ZIP_FLAGS_MISMATCH', place)
  if (header.readUInt16LE(8) !== record.method) throw refuse('ZIP_METHOD_MISMATCH', place)
  const [crc, packedBytes, bytes] = [header.readUInt32LE(14), header.readUInt32LE(18), header.readUInt32LE(22)]
  // With a descriptor the header may leave all three open.
  if (record.flags & DESCRIPTOR_FLAG && crc === 0 && packedBytes === 0 && bytes === 0) return
  if (packedBytes !== record.packedBytes || bytes !== record.bytes) throw refuse('ZIP_SIZE_MISMATCH', place)
  if (crc !== record.crc) throw refuse('ZIP_CRC_HEADER_MISMATCH', place)
}

/** Length of the data descriptor: 0 without one. It must have its signature and repeat the directory. */
async function requireDescriptor(read: Read, entry: ZipEntry, at: number): Promise<number> {
  if (!(entry.flags & DESCRIPTOR_FLAG)) return 0
  const descriptor = await read(at, DESCRIPTOR_BYTES)
  const agrees =
    descriptor.length === DESCRIPTOR_BYTES &&
    descriptor.readUInt32LE(0) === DESCRIPTOR_SIGNATURE &&
    descriptor.readUInt32LE(4) === entry.crc &&
    descriptor.readUInt32LE(8) === entry.packedBytes &&
    descriptor.readUInt32LE(12) === entry.bytes
  if (!agrees) throw refuse('ZIP_DESCRIPTOR_MISMATCH', entry.place)
  return DESCRIPTOR_BYTES
}
