import {crc32, deflateRawSync} from 'node:zlib'

/** Header fields, each on its own so that each can lie. */
export interface ZipFields {
  name?: string | Buffer
  versionNeeded?: number
  flags?: number
  method?: number
  crc?: number
  packedBytes?: number
  bytes?: number
  extra?: Buffer
}

/** One entry. What is left out is worked out truthfully from `data`. */
export interface ZipSpec extends ZipFields {
  data?: string | Buffer
  /** The bytes as they are stored; by default what the method makes of `data`. */
  packed?: Buffer
  /** The local header only. */
  local?: ZipFields & {signature?: number}
  /** Bytes after the data; `true` is the right descriptor (the header then leaves its fields open). */
  descriptor?: true | Buffer
  /** Bytes before the local header. */
  before?: Buffer
  madeBy?: number
  attributes?: number
  comment?: string
  disk?: number
  offset?: number
  /** Has a local header but no directory record. */
  hidden?: boolean
  /** Has a directory record for the local header of the entry with this index. */
  sharesWith?: number
}

export interface ZipEnd {
  /** Bytes before everything, between the last entry and the directory, and after everything. */
  prefix?: Buffer
  gap?: Buffer
  trailing?: Buffer
  comment?: string
  disk?: number
  count?: number
  diskCount?: number
  directoryBytes?: number
  directoryOffset?: number
  /** Bytes between the directory and the end record. */
  beforeEnd?: Buffer
}

const UTF8 = 0x0800
const DESCRIPTOR = 0x0008

/** A zip file byte by byte: valid by default, and wrong in exactly the way that is asked for. */
export function buildZip(specs: readonly ZipSpec[], end: ZipEnd = {}): Buffer {
  const parts: Buffer[] = [end.prefix ?? Buffer.alloc(0)]
  const offsets: number[] = []
  const length = (): number => parts.reduce((total, part) => total + part.length, 0)
  for (const spec of specs) {
    if (spec.sharesWith !== undefined) {
      offsets.push(offsets[spec.sharesWith] ?? 0)
      continue
    }
    parts.push(spec.before ?? Buffer.alloc(0))
    offsets.push(length())
    parts.push(...localRecord(spec))
  }
  parts.push(end.gap ?? Buffer.alloc(0))
  const directoryOffset = length()
  const listed = specs.flatMap((spec, index) => (spec.hidden ? [] : [directoryRecord(spec, offsets[index] ?? 0)]))
  const directory = Buffer.concat(listed)
  parts.push(directory, end.beforeEnd ?? Buffer.alloc(0))
  parts.push(endRecord(end, listed.length, directory.length, directoryOffset), end.trailing ?? Buffer.alloc(0))
  return Buffer.concat(parts)
}

/** One extra field. */
export function extraField(id: number, data: Buffer | number): Buffer {
  const body = typeof data === 'number' ? Buffer.alloc(data) : data
  const head = Buffer.alloc(4)
  head.writeUInt16LE(id, 0)
  head.writeUInt16LE(body.length, 2)
  return Buffer.concat([head, body])
}

/** What a spec says, completed by what is true of its data. */
function complete(spec: ZipSpec): Required<ZipFields> & {nameBytes: Buffer; packed: Buffer} {
  const data = Buffer.from(spec.data ?? '')
  const method = spec.method ?? 8
  const packed = spec.packed ?? (method === 8 ? deflateRawSync(data) : data)
  const nameBytes = Buffer.from(spec.name ?? 'file')
  const needsUtf8 = nameBytes.some(byte => byte > 0x7f) ? UTF8 : 0
  return {
    name: nameBytes,
    nameBytes,
    packed,
    versionNeeded: spec.versionNeeded ?? 20,
    flags: (spec.flags ?? needsUtf8) | (spec.descriptor ? DESCRIPTOR : 0),
    method,
    crc: spec.crc ?? crc32(data),
    packedBytes: spec.packedBytes ?? packed.length,
    bytes: spec.bytes ?? data.length,
    extra: spec.extra ?? Buffer.alloc(0),
  }
}

function localRecord(spec: ZipSpec): Buffer[] {
  const facts = complete(spec)
  const open = spec.descriptor ? {crc: 0, packedBytes: 0, bytes: 0} : {}
  const fields = {...facts, ...open, ...spec.local}
  const name = Buffer.from(fields.name)
  const header = Buffer.alloc(30)
  header.writeUInt32LE(spec.local?.signature ?? 0x04034b50, 0)
  header.writeUInt16LE(fields.versionNeeded, 4)
  header.writeUInt16LE(fields.flags, 6)
  header.writeUInt16LE(fields.method, 8)
  header.writeUInt32LE(fields.crc, 14)
  header.writeUInt32LE(fields.packedBytes, 18)
  header.writeUInt32LE(fields.bytes, 22)
  header.writeUInt16LE(name.length, 26)
  header.writeUInt16LE(fields.extra.length, 28)
  const after = spec.descriptor === true ? descriptorRecord(facts) : (spec.descriptor ?? Buffer.alloc(0))
  return [header, name, fields.extra, facts.packed, after]
}

export function descriptorRecord(facts: {crc: number; packedBytes: number; bytes: number}): Buffer {
  const record = Buffer.alloc(16)
  record.writeUInt32LE(0x08074b50, 0)
  record.writeUInt32LE(facts.crc, 4)
  record.writeUInt32LE(facts.packedBytes, 8)
  record.writeUInt32LE(facts.bytes, 12)
  return record
}

function directoryRecord(spec: ZipSpec, offset: number): Buffer {
  const fields = complete(spec)
  const comment = Buffer.from(spec.comment ?? '')
  const record = Buffer.alloc(46)
  record.writeUInt32LE(0x02014b50, 0)
  record.writeUInt16LE(spec.madeBy ?? 0x0314, 4)
  record.writeUInt16LE(fields.versionNeeded, 6)
  record.writeUInt16LE(fields.flags, 8)
  record.writeUInt16LE(fields.method, 10)
  record.writeUInt32LE(fields.crc, 16)
  record.writeUInt32LE(fields.packedBytes, 20)
  record.writeUInt32LE(fields.bytes, 24)
  record.writeUInt16LE(fields.nameBytes.length, 28)
  record.writeUInt16LE(fields.extra.length, 30)
  record.writeUInt16LE(comment.length, 32)
  record.writeUInt16LE(spec.disk ?? 0, 34)
  record.writeUInt32LE(spec.attributes ?? defaultAttributes(fields.nameBytes), 38)
  record.writeUInt32LE(spec.offset ?? offset, 42)
  return Buffer.concat([record, fields.nameBytes, fields.extra, comment])
}

function defaultAttributes(name: Buffer): number {
  return unixAttributes(name.at(-1) === 0x2f ? 0o040755 : 0o100644)
}

/** A Unix mode where a zip keeps it. */
export function unixAttributes(mode: number): number {
  return (mode << 16) >>> 0
}

function endRecord(end: ZipEnd, count: number, bytes: number, offset: number): Buffer {
  const comment = Buffer.from(end.comment ?? '')
  const record = Buffer.alloc(22)
  record.writeUInt32LE(0x06054b50, 0)
  record.writeUInt16LE(end.disk ?? 0, 4)
  record.writeUInt16LE(end.disk ?? 0, 6)
  record.writeUInt16LE(end.diskCount ?? end.count ?? count, 8)
  record.writeUInt16LE(end.count ?? count, 10)
  record.writeUInt32LE(end.directoryBytes ?? bytes, 12)
  record.writeUInt32LE(end.directoryOffset ?? offset, 16)
  record.writeUInt16LE(comment.length, 20)
  return Buffer.concat([record, comment])
}
