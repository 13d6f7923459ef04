import {Header} from 'tar'
import {type ArchiveProblemCode, refuse} from './bundle-problems.ts'

export const TAR_BLOCK = 512
const SIZE_AT = 124
const SIZE_BYTES = 12
const TYPE_AT = 156
const LONGEST_EXTENDED = 64 * 1024
/** What `npm pack` writes into extended headers, and what says nothing about name, size or type. */
const ALLOWED_KEYS =
  /^(path|size|mtime|atime|ctime|uid|gid|uname|gname|comment|charset|(SCHILY|LIBARCHIVE)\.(?!realsize).*)$/

/** One header block as it stands. */
export interface TarHeader {
  /** Of the entry, still with its trailing slash, if any. */
  name: string
  type: 'file' | 'folder' | 'extended'
  bytes: number
  executable: boolean
}

/** What an extended header says of the entry after it. */
export interface TarExtension {
  path?: string
  size?: string
}

/** Reads one header block; `extension` is what came before it. Throws BUNDLE_REFUSED for any type but file and folder. */
export function readTarHeader(block: Buffer, extension?: TarExtension): TarHeader {
  const path = extension?.path
  const header = decodeHeader(block, path)
  // With a name from an extended header, what stands in this one is only a shortened form.
  const name = path ?? header.path ?? ''
  if (!header.cksumValid) throw refuse('TAR_HEADER', name, 'its checksum is wrong')
  const size = readOctal(block.subarray(SIZE_AT, SIZE_AT + SIZE_BYTES))
  if (size === undefined) throw refuse('TAR_HEADER', name, 'its size is not a plain octal number')
  const code = String.fromCharCode(block[TYPE_AT] ?? 0)
  if (code === 'x') return readExtendedHeader(name, size, extension)
  if (extension?.size !== undefined && extension.size !== String(size)) throw refuse('TAR_EXTENDED', name, 'two sizes')
  const kind = readKind(code, name)
  if (header.linkpath) throw refuse('TAR_HEADER', name, 'it names a link target')
  if (kind === 'folder' && size > 0) throw refuse('ENTRY_FOLDER_DATA', name)
  return {name, type: kind, bytes: size, executable: kind === 'file' && ((header.mode ?? 0) & 0o100) !== 0}
}

function decodeHeader(block: Buffer, path: string | undefined): Header {
  try {
    return new Header(block, 0, path === undefined ? undefined : {path})
  } catch (error) {
    throw refuse('TAR_HEADER', path ?? '', (error as Error).message, error)
  }
}

/** What matters of an extended header. The rest may be there if it says nothing about name, size or type. */
export function readTarExtension(body: Buffer): TarExtension {
  const found = new Map<string, string>()
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at)
    const digits = space < 0 ? '' : body.toString('latin1', at, space)
    const end = at + Number(digits)
    if (!/^[1-9][0-9]{0,5}$/.test(digits) || end > body.length || body[end - 1] !== 0x0a || space > end) {
      throw refuse('TAR_EXTENDED', '', 'a record is damaged')
    }
    const [key, value] = splitRecord(body.subarray(space + 1, end - 1))
    if (!ALLOWED_KEYS.test(key)) throw refuse('TAR_EXTENDED', '', key)
    // The extractor reads records line by line.
    if (found.has(key) || value.includes('\n')) throw refuse('TAR_EXTENDED', '', `${key} is not plain`)
    found.set(key, value)
    at = end
  }
  const [path, size] = [found.get('path'), found.get('size')]
  return {...(path !== undefined && {path}), ...(size !== undefined && {size})}
}

function splitRecord(record: Buffer): [key: string, value: string] {
  const equals = record.indexOf(0x3d)
  if (equals < 1) throw refuse('TAR_EXTENDED', '', 'a record is damaged')
  return [record.toString('utf8', 0, equals), record.toString('utf8', equals + 1)]
}

function readExtendedHeader(name: string, bytes: number, before: TarExtension | undefined): TarHeader {
  if (before !== undefined) throw refuse('TAR_EXTENDED', name, 'there are two in a row')
  if (bytes > LONGEST_EXTENDED) throw refuse('TAR_EXTENDED', name, `${bytes} bytes`)
  return {name, type: 'extended', bytes, executable: false}
}

function readKind(code: string, name: string): 'file' | 'folder' {
  if (code === '5') return 'folder'
  // Old tar files mark a folder by its slash alone.
  if (code === '0' || code === '\0') return name.endsWith('/') ? 'folder' : 'file'
  const faults: {[code: string]: ArchiveProblemCode} = {
    ...{'1': 'ENTRY_LINK', '2': 'ENTRY_LINK', K: 'ENTRY_LINK'},
    ...{g: 'TAR_EXTENDED', L: 'TAR_EXTENDED', X: 'TAR_EXTENDED', N: 'TAR_EXTENDED'},
  }
  throw refuse(faults[code] ?? 'ENTRY_SPECIAL', name, `type "${code}"`)
}

/** undefined for base-256 and for anything but octal digits, padded with spaces or ended by NUL. */
function readOctal(field: Buffer): number | undefined {
  const text = field.toString('latin1')
  const digits = /^ *([0-7]+)[ \0]*$/.exec(text)?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 8)
}
