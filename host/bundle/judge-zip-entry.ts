import {ENTRY_LIMITS} from './bundle-limits.ts'
import {type ArchiveProblemCode, type BundleProblem, describeProblem} from './bundle-problems.ts'
import {judgeName} from './entry-names.ts'
import type {ZipEntry} from './walk-zip-entries.ts'

/** Deflate's level (1, 2), a data descriptor (3) and a UTF-8 name (11). */
const ALLOWED_FLAGS = 0b0000_1000_0000_1110
const UTF8_FLAG = 0x0800
/** Encrypted, strongly encrypted, headers masked. */
const ENCRYPTION_FLAGS = 0x0001 | 0x0040 | 0x2000
const EXTRA_ZIP64 = 0x0001
/** A name or a comment that replaces the one in the header. */
const EXTRA_UNICODE = [0x7075, 0x6375]
/** Strong encryption (PKWARE) and AES (WinZip). */
const EXTRA_ENCRYPTION = [0x0014, 0x0015, 0x0016, 0x0017, 0x0019, 0x9901]
const NEWEST_VERSION = 20
const TYPE_MASK = 0o170000
const FOLDER = 0o040000
const REGULAR = 0o100000
const LINK = 0o120000
const DOS_FOLDER = 0x10

/** What one entry is, judged by its headers alone. `path` is '' when its name cannot be read. */
export interface JudgedEntry {
  path: string
  kind: 'file' | 'folder'
  executable: boolean
  problems: BundleProblem[]
  /** False when its data cannot be read at all. */
  readable: boolean
}

export function judgeZipEntry(entry: ZipEntry): JudgedEntry {
  const name = decodeName(entry.nameBytes)
  const kind = name?.endsWith('/') ? 'folder' : 'file'
  const path = (name ?? '').replace(/\/$/, '')
  const codes = [findNameFault(entry, name), findFeatureFault(entry), findTypeFault(entry, kind)]
  const problems = codes.filter(code => code !== undefined).map(code => describeProblem(code, entry.place))
  const fault = name === undefined ? undefined : judgeName(path)
  if (fault) problems.push(fault)
  return {path, kind, executable: ((entry.attributes >>> 16) & 0o100) !== 0, problems, readable: isReadable(entry)}
}

function decodeName(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
  } catch {
    return undefined
  }
}

function findNameFault({nameBytes, flags}: ZipEntry, name: string | undefined): ArchiveProblemCode | undefined {
  if (name === undefined) return 'NAME_NOT_UTF8'
  const beyondAscii = nameBytes.some(byte => byte > 0x7f)
  return beyondAscii && !(flags & UTF8_FLAG) ? 'NAME_NOT_FLAGGED' : undefined
}

function findFeatureFault(entry: ZipEntry): ArchiveProblemCode | undefined {
  if (entry.disk !== 0) return 'ZIP_MULTI_DISK'
  if (entry.flags & ENCRYPTION_FLAGS) return 'ZIP_ENCRYPTED'
  const extra = findExtraFault(entry.extra) ?? findExtraFault(entry.localExtra)
  if (extra) return extra
  if (entry.packedBytes === 0xffffffff || entry.bytes === 0xffffffff) return 'ZIP_ZIP64'
  if (entry.method !== 0 && entry.method !== 8) return 'ZIP_METHOD'
  if (entry.flags & ~ALLOWED_FLAGS) return 'ZIP_FLAGS'
  if ((entry.versionNeeded & 0xff) > NEWEST_VERSION) return 'ZIP_VERSION'
  if (entry.commentBytes > 0) return 'ZIP_ENTRY_COMMENT'
  if (entry.method === 0 && entry.packedBytes !== entry.bytes) return 'ZIP_STORED_SIZE'
  return undefined
}

function findExtraFault(extra: Buffer): ArchiveProblemCode | undefined {
  if (extra.length > ENTRY_LIMITS.extra) return 'ZIP_EXTRA_TOO_LARGE'
  const seen = new Set<number>()
  let position = 0
  while (position < extra.length) {
    if (position + 4 > extra.length) return 'ZIP_EXTRA_BROKEN'
    const id = extra.readUInt16LE(position)
    position += 4 + extra.readUInt16LE(position + 2)
    if (id === EXTRA_ZIP64) return 'ZIP_ZIP64'
    if (EXTRA_UNICODE.includes(id)) return 'ZIP_UNICODE_EXTRA'
    if (EXTRA_ENCRYPTION.includes(id)) return 'ZIP_ENCRYPTED'
    if (position > extra.length || seen.has(id)) return 'ZIP_EXTRA_BROKEN'
    seen.add(id)
  }
  return undefined
}

/** By the attributes' Unix half whatever system the entry claims to be from: extractors do not look at that either. */
function findTypeFault(entry: ZipEntry, kind: 'file' | 'folder'): ArchiveProblemCode | undefined {
  const type = (entry.attributes >>> 16) & TYPE_MASK
  if (type === LINK) return 'ENTRY_LINK'
  if (type !== 0 && type !== FOLDER && type !== REGULAR) return 'ENTRY_SPECIAL'
  const folderByType = type === FOLDER || (entry.attributes & DOS_FOLDER) !== 0
  if (kind === 'file' ? folderByType : type === REGULAR) return 'ENTRY_TYPE_MISMATCH'
  if (kind === 'folder' && entry.bytes > 0) return 'ENTRY_FOLDER_DATA'
  return undefined
}

function isReadable({flags, method, packedBytes, bytes}: ZipEntry): boolean {
  if (flags & ENCRYPTION_FLAGS || packedBytes === 0xffffffff) return false
  return method === 8 || (method === 0 && packedBytes === bytes)
}
