import {HostError} from '../errors.ts'

const REBUILD = 'Build it with "plugin-host build"'
const RENAME = 'Rename it and build again'
const REPACK = 'Pack it with a plain zip tool, or build it with "plugin-host build"'
const DISTRUST = 'Do not trust this file; ask its author for a new one'
const EDIT = 'Correct it in plugin.json'

type Row = readonly [state: string, remedy: string]

/** What can be wrong with the archive itself: state and remedy by code. Listed in docs/errors.md. */
export const ARCHIVE_PROBLEMS = {
  FORMAT_UNKNOWN: ['is neither a zip nor a gzip file by its first bytes', REBUILD],
  ZIP_NO_END: ['has no end record: it is cut off or not a zip', 'Copy or download it again'],
  ZIP_ARCHIVE_COMMENT: ['has an archive comment', REPACK],
  ZIP_TRAILING_BYTES: ['has bytes after its end record', DISTRUST],
  ZIP_MULTI_DISK: ['is one part of several', REPACK],
  ZIP_ZIP64: ['uses Zip64, which no bundle needs', REPACK],
  ZIP_TOO_MANY_ENTRIES: ['has too many entries', 'Bundle the dependencies into one file: "plugin-host build" does it'],
  ZIP_ENTRY_COUNT: ['counts other entries than it has', DISTRUST],
  ZIP_DIRECTORY_BOUNDS: ['has a directory that does not end where the end record begins', DISTRUST],
  ZIP_DIRECTORY_RECORD: ['has a damaged directory record', DISTRUST],
  ZIP_DIRECTORY_TOO_LARGE: ['has a directory larger than its entries can need', DISTRUST],
  ZIP_LOCAL_RECORD: ['has no entry where the directory says', DISTRUST],
  ZIP_OVERLAP: ['has entries that share bytes', DISTRUST],
  ZIP_GAP: ['has bytes that belong to no entry', DISTRUST],
  ZIP_NAME_MISMATCH: ['is named otherwise in the directory', DISTRUST],
  ZIP_METHOD_MISMATCH: ['has another method in the directory', DISTRUST],
  ZIP_FLAGS_MISMATCH: ['has other flags in the directory', DISTRUST],
  ZIP_SIZE_MISMATCH: ['has other sizes in the directory', DISTRUST],
  ZIP_CRC_HEADER_MISMATCH: ['has another checksum in the directory', DISTRUST],
  ZIP_DESCRIPTOR_MISMATCH: ['is not followed by a data descriptor that agrees with the directory', DISTRUST],
  ZIP_VERSION: ['needs a newer zip version than 2.0', REPACK],
  ZIP_METHOD: ['is neither stored nor deflated', REPACK],
  ZIP_ENCRYPTED: ['is encrypted', REPACK],
  ZIP_FLAGS: ['has flags that no bundle needs', REPACK],
  ZIP_EXTRA_TOO_LARGE: ['has over 1 KiB of extra fields', REPACK],
  ZIP_EXTRA_BROKEN: ['has damaged or repeated extra fields', DISTRUST],
  ZIP_UNICODE_EXTRA: ['has an extra field that gives it another name', DISTRUST],
  ZIP_ENTRY_COMMENT: ['has a comment', REPACK],
  ZIP_STORED_SIZE: ['is stored but has two sizes', DISTRUST],
  ZIP_SIZE_LIE: ['does not unpack to its declared size', DISTRUST],
  ZIP_CRC_MISMATCH: ['does not have its declared checksum', 'Copy or download it again'],
  ZIP_DATA_BROKEN: ['cannot be inflated', 'Copy or download it again'],
  ZIP_DATA_TRAILING: ['has bytes after its deflated data', DISTRUST],
  ENTRY_LINK: ['is a link', 'Replace it by the file it points to'],
  ENTRY_SPECIAL: ['is a device, pipe or socket', 'Take it out'],
  ENTRY_TYPE_MISMATCH: ['is a folder by its name and a file by its attributes, or the other way round', REPACK],
  ENTRY_FOLDER_DATA: ['is a folder with data', DISTRUST],
  SIZE_FILE: ['is too large unpacked', 'Make it smaller, or raise bundle.maxFileBytes'],
  SIZE_TOTAL: ['is too large unpacked', 'Make it smaller, or raise bundle.maxUnpackedBytes'],
  SIZE_RATIO: ['unpacks to too many times its size', 'Make it smaller, or raise bundle.maxRatio'],
  TAR_DATA_BROKEN: ['cannot be inflated', 'Copy or download it again'],
  TAR_DATA_TRAILING: ['has bytes after its compressed data', DISTRUST],
  TAR_TRUNCATED: ['is cut off', 'Copy or download it again'],
  TAR_HEADER: ['has a damaged header', DISTRUST],
  TAR_TRAILING: ['has data after its end', DISTRUST],
  TAR_EXTENDED: ['has extended headers that no bundle needs', 'Pack it with "npm pack"'],
  TAR_PREFIX: ['lies outside the folder "package" that the manifest is in', 'Pack it with "npm pack"'],
  TAR_TOO_MANY_ENTRIES: ['has too many entries', 'Bundle the dependencies into one file: "plugin-host build" does it'],
  NAME_EMPTY: ['has no name', DISTRUST],
  NAME_TOO_LONG: ['has a name of over 512 bytes', RENAME],
  NAME_SEGMENT_TOO_LONG: ['has a part of over 255 bytes in its name', RENAME],
  NAME_TOO_DEEP: ['lies over 32 folders deep', RENAME],
  NAME_NOT_UTF8: ['has a name that is not UTF-8', RENAME],
  NAME_NOT_FLAGGED: ['has a name beyond ASCII that is not marked as UTF-8', REPACK],
  NAME_NOT_NFC: ['has a name that is not in Unicode form NFC', RENAME],
  NAME_CONTROL: ['has control or invisible characters in its name', DISTRUST],
  NAME_ABSOLUTE: ['has an absolute path', DISTRUST],
  NAME_BACKSLASH: ['has a backslash in its name', REPACK],
  NAME_COLON: ['has a colon in its name', RENAME],
  NAME_TRAVERSAL: ['leads out of the bundle', DISTRUST],
  NAME_EMPTY_SEGMENT: ['has an empty part in its name', DISTRUST],
  NAME_WINDOWS: ['has a character in its name that Windows does not allow', RENAME],
  NAME_RESERVED: ['has a name that Windows reserves for a device', RENAME],
  NAME_SHORT: ['has a name that Windows may take for a short form', RENAME],
  NAME_TRAILING: ['has a name part that ends in a dot or space', RENAME],
  NAME_MACOSX: ['is macOS metadata', 'Pack it without the __MACOSX folder'],
  NAME_DUPLICATE: ['is there twice', DISTRUST],
  NAME_COLLISION: ['has the name of another entry but for case or Unicode form', RENAME],
  NAME_FILE_AND_FOLDER: ['is both a file and a folder', DISTRUST],
  UNPACK_FAILED: ['cannot be unpacked', REBUILD],
  UNPACK_MISMATCH: ['unpacked otherwise than checked', DISTRUST],
} as const satisfies {[code: string]: Row}

/** What can be wrong with plugin.json or with what it names: state and remedy by code. Listed in docs/errors.md. */
export const MANIFEST_PROBLEMS = {
  MANIFEST_MISSING: ['has no plugin.json at its root', REBUILD],
  MANIFEST_TOO_LARGE: ['is over 1 MiB', 'Make it smaller'],
  MANIFEST_TOO_DEEP: ['nests over 64 levels deep', 'Make it flatter'],
  MANIFEST_NOT_UTF8: ['is not UTF-8', 'Save it as UTF-8'],
  MANIFEST_SYNTAX: ['is not JSON', EDIT],
  MANIFEST_KEY_TWICE: ['is there twice', 'Take one of them out'],
  MANIFEST_KEY_FORBIDDEN: ['is a key that JavaScript treats specially', RENAME],
  MANIFEST_KEY_UNKNOWN: ['is not a known key', 'Check its spelling; docs/manifest.md lists the keys'],
  MANIFEST_SCHEMA: ['does not fit', EDIT],
  MANIFEST_ENTRY_CHOICE: ['needs either "entry" or "process.command", not both', EDIT],
  VERSION_INVALID: ['is not a semantic version', 'Write it like 1.2.3'],
  ID_RESERVED: ['is a name that Windows reserves for a device', 'Choose another id'],
  FILE_MISSING: ['names a file that is not there', 'Add the file, or correct the path'],
  ENTRY_NOT_BUILT: ['is not a JavaScript module', REBUILD],
  FILE_TYPE: ['names a file of another type than it may', 'Use Markdown for docs, SVG or PNG for the icon'],
  SCHEMA_INVALID: ['is not a valid JSON Schema 2020-12', EDIT],
  SCHEMA_ASYNC: ['makes validation asynchronous', 'Take "$async" out'],
  SCHEMA_TOO_SLOW: ['takes over a second to check', 'Use simpler patterns'],
  ANNOTATION_UNKNOWN: ['is not a known annotation', 'Check its spelling; docs/manifest.md lists the x-fp-* keywords'],
  SAMPLE_INVALID: ['does not fit its schema', 'Correct the sample or the schema'],
  SECRET_UNMARKED: [
    'looks like a secret but is not marked as one',
    'Add "x-fp-secret": true, or "x-fp-secret": false if it is none',
  ],
  FIELD_UNKNOWN: ['names a configuration field that the schema does not have', EDIT],
  LOCK_FIELD_UNKNOWN: ['names an input field that the schema does not have', EDIT],
  CONDITION_INVALID: ['is no condition', 'Use a form of "x-fp-when" that docs/manifest.md tells'],
  CONDITION_FIELD_UNKNOWN: ['looks at a field that does not stand beside it', EDIT],
  CONDITION_CIRCLE: ['hangs on itself', 'Let the condition look at another field'],
  OPTIONS_INVALID: ['depends on what is no field', EDIT],
  PERMISSION_NEEDS_NET: ['needs the network', 'Name the hosts in permissions.net'],
} as const satisfies {[code: string]: Row}

const ALL = {...ARCHIVE_PROBLEMS, ...MANIFEST_PROBLEMS}

export type ArchiveProblemCode = keyof typeof ARCHIVE_PROBLEMS
export type BundleProblemCode = keyof typeof ALL

/** One thing wrong with a bundle, as data. `place` is a JSON pointer into plugin.json, an entry's name, or '' for the whole. */
export interface BundleProblem {
  code: BundleProblemCode
  place: string
  message: string
  remedy: string
}

/** At most this many problems travel with an error. */
const SHOWN = 100

export function describeProblem(code: BundleProblemCode, place: string, detail?: string): BundleProblem {
  const [state, remedy] = ALL[code]
  return {code, place: showName(place), message: detail ? `${state}: ${detail}` : state, remedy}
}

/** A HostError for the problems: BUNDLE_REFUSED when one is about the archive, else MANIFEST_INVALID. */
export function refusal(problems: readonly BundleProblem[], cause?: unknown): HostError {
  const shown = problems.slice(0, SHOWN)
  const archive = shown.find(problem => problem.code in ARCHIVE_PROBLEMS)
  if (archive) {
    const {code, place, message, remedy} = archive
    return new HostError('BUNDLE_REFUSED', {problem: code, place, message, remedy, problems: shown}, cause)
  }
  const reason = shown.map(({place, message}) => `${place || 'it'} ${message}`).join('; ')
  return new HostError('MANIFEST_INVALID', {reason, problem: shown[0]?.code, problems: shown}, cause)
}

/** The same for a single problem. */
export function refuse(code: BundleProblemCode, place: string, detail?: string, cause?: unknown): HostError {
  return refusal([describeProblem(code, place, detail)], cause)
}

/** The problems a refusal carries; undefined for any other failure. */
export function listProblems(error: unknown): BundleProblem[] | undefined {
  const known = error instanceof HostError && (error.code === 'BUNDLE_REFUSED' || error.code === 'MANIFEST_INVALID')
  return known ? (error.details.problems as BundleProblem[]) : undefined
}

// Names come from outside: whatever could steer a terminal or turn text round is shown as an escape.
function showName(name: string): string {
  return name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, letter => {
    return `\\u${(letter.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}
