import {deflateRawSync} from 'node:zlib'
import type {BundleProblemCode} from '../../host/bundle/bundle-problems.ts'
import {sampleSpecs, sampleZip} from '../support/bundle-files.ts'
import {buildZip, descriptorRecord, extraField, type ZipSpec} from '../support/zip-builder.ts'
import {SPOILED_NAMES, SPOILED_TYPES, type SpoiledRow} from './spoiled-names.ts'

/** A hostile archive and the one code it must be refused with. `canary` is a folder it would like to write to. */
export interface Hostile {
  title: string
  code: BundleProblemCode
  build: (canary: string) => Buffer
}

const BIT_ENCRYPTED = 0x0001
const hello = deflateRawSync(Buffer.from('hello'))
const zip64 = extraField(0x0001, 16)

const FEATURES: SpoiledRow[] = [
  ['an encrypted entry', 'ZIP_ENCRYPTED', [{name: 'x', flags: BIT_ENCRYPTED}]],
  ['strong encryption', 'ZIP_ENCRYPTED', [{name: 'x', flags: 0x0041}]],
  ['masked headers', 'ZIP_ENCRYPTED', [{name: 'x', flags: 0x2000}]],
  ['AES encryption by its extra field', 'ZIP_ENCRYPTED', [{name: 'x', extra: extraField(0x9901, 7)}]],
  ['patched data', 'ZIP_FLAGS', [{name: 'x', flags: 0x0020}]],
  ['another method', 'ZIP_METHOD', [{name: 'x', method: 12}]],
  ['Deflate64', 'ZIP_METHOD', [{name: 'x', method: 9}]],
  ['a newer zip version', 'ZIP_VERSION', [{name: 'x', versionNeeded: 45}]],
  ['a Zip64 extra field', 'ZIP_ZIP64', [{name: 'x', extra: zip64}]],
  ['a Zip64 extra field in the local header alone', 'ZIP_ZIP64', [{name: 'x', local: {extra: zip64}}]],
  ['another name in an extra field', 'ZIP_UNICODE_EXTRA', [{name: 'x', extra: extraField(0x7075, 20)}]],
  ['an extra field cut off', 'ZIP_EXTRA_BROKEN', [{name: 'x', extra: Buffer.from([0x55, 0x54, 0x09, 0x00, 1])}]],
  [
    'an extra field twice',
    'ZIP_EXTRA_BROKEN',
    [{name: 'x', extra: Buffer.concat([extraField(0x5455, 5), extraField(0x5455, 5)])}],
  ],
  ['huge extra fields', 'ZIP_EXTRA_TOO_LARGE', [{name: 'x', extra: extraField(0x5455, 2000)}]],
  ['a comment on an entry', 'ZIP_ENTRY_COMMENT', [{name: 'x', comment: 'PK\x05\x06'}]],
  ['an entry on another disk', 'ZIP_MULTI_DISK', [{name: 'x', disk: 1}]],
  ['an archive comment', 'ZIP_ARCHIVE_COMMENT', [], {comment: 'hello'}],
  ['the start of a second end record', 'ZIP_TRAILING_BYTES', [], {trailing: Buffer.from('PK\x05\x06 is not the end')}],
  ['bytes after the end', 'ZIP_TRAILING_BYTES', [], {trailing: Buffer.from('#!/bin/sh')}],
  ['several disks', 'ZIP_MULTI_DISK', [], {disk: 1}],
  ['the Zip64 mark in the end record', 'ZIP_ZIP64', [], {count: 0xffff}],
  [
    'a Zip64 locator before the end record',
    'ZIP_ZIP64',
    [],
    {beforeEnd: Buffer.concat([Buffer.from('PK\x06\x07'), Buffer.alloc(16)])},
  ],
]

const LIES: SpoiledRow[] = [
  ['more entries than are counted', 'ZIP_ENTRY_COUNT', [], {count: 2}],
  ['fewer entries than are counted', 'ZIP_ENTRY_COUNT', [], {count: 4}],
  ['a directory larger than its entries need', 'ZIP_DIRECTORY_TOO_LARGE', [{name: 'x', comment: 'x'.repeat(60_000)}]],
  ['two counts', 'ZIP_ENTRY_COUNT', [], {diskCount: 2}],
  ['a directory shorter than told', 'ZIP_DIRECTORY_BOUNDS', [], {directoryBytes: 10_000}],
  ['a directory elsewhere', 'ZIP_DIRECTORY_BOUNDS', [], {directoryOffset: 5}],
  [
    'an unknown record in the directory',
    'ZIP_DIRECTORY_RECORD',
    [],
    {directoryOffset: 0, directoryBytes: lengthBeforeEnd()},
  ],
  ['another local name', 'ZIP_NAME_MISMATCH', [{name: 'good.js', local: {name: 'evil.js'}}]],
  ['a longer local name', 'ZIP_NAME_MISMATCH', [{name: 'good', local: {name: 'good.js'}}]],
  ['another local method', 'ZIP_METHOD_MISMATCH', [{name: 'x', data: 'hello', local: {method: 0}}]],
  ['other local flags', 'ZIP_FLAGS_MISMATCH', [{name: 'x', data: 'hello', local: {flags: 1}}]],
  ['another local size', 'ZIP_SIZE_MISMATCH', [{name: 'x', data: 'hello', local: {bytes: 4}}]],
  ['another local packed size', 'ZIP_SIZE_MISMATCH', [{name: 'x', data: 'hello', local: {packedBytes: 3}}]],
  ['another local checksum', 'ZIP_CRC_HEADER_MISMATCH', [{name: 'x', data: 'hello', local: {crc: 1}}]],
  [
    'a descriptor that is missing',
    'ZIP_DESCRIPTOR_MISMATCH',
    [{name: 'x', data: 'hello', descriptor: Buffer.alloc(0)}],
  ],
  [
    'a descriptor with another size',
    'ZIP_DESCRIPTOR_MISMATCH',
    [{name: 'x', data: 'hello', descriptor: descriptorRecord({crc: 0x3610a686, packedBytes: hello.length, bytes: 6})}],
  ],
  ['a local header that is none', 'ZIP_LOCAL_RECORD', [{name: 'x', local: {signature: 0x04034b51}}]],
  ['an entry that no record lists', 'ZIP_GAP', [{name: 'hidden.js', data: 'evil', hidden: true}, {name: 'x'}]],
  ['a hidden entry at the end', 'ZIP_GAP', [{name: 'hidden.js', data: 'evil', hidden: true}]],
  ['bytes between entries', 'ZIP_GAP', [{name: 'x', before: Buffer.from('gap')}]],
  ['bytes before the directory', 'ZIP_GAP', [], {gap: Buffer.from('gap')}],
  ['two records for one entry', 'ZIP_OVERLAP', [{name: 'main.js', data: sampleData('main.js'), sharesWith: 1}]],
  [
    'an entry inside another',
    'ZIP_OVERLAP',
    [
      {name: 'x', method: 0, data: 'long enough to hold a header', packedBytes: 20, bytes: 20},
      {name: 'y', offset: 40},
    ],
  ],
  ['data that runs into the directory', 'ZIP_OVERLAP', [{name: 'x', data: 'hello', packedBytes: 4000}]],
  ['a declared size that is too small', 'ZIP_SIZE_LIE', [{name: 'x', data: 'hello world', bytes: 5}]],
  ['a declared size that is too large', 'ZIP_SIZE_LIE', [{name: 'x', data: 'hello', bytes: 500}]],
  ['two sizes of a stored entry', 'ZIP_STORED_SIZE', [{name: 'x', method: 0, data: 'hello', bytes: 4}]],
  ['a checksum that is wrong everywhere', 'ZIP_CRC_MISMATCH', [{name: 'x', data: 'hello', crc: 1}]],
  ['data that cannot be inflated', 'ZIP_DATA_BROKEN', [{name: 'x', packed: Buffer.from([0xff, 0xff]), bytes: 5}]],
  ['data that ends too early', 'ZIP_DATA_BROKEN', [{name: 'x', data: 'hello', packed: hello.subarray(0, -2)}]],
  [
    'bytes after the deflated data',
    'ZIP_DATA_TRAILING',
    [{name: 'x', data: 'hello', packed: Buffer.concat([hello, Buffer.from('evil payload')])}],
  ],
]

/** Sizes: nothing of this may be inflated to find out. */
const BOMBS: Hostile[] = [
  {title: 'a bomb of one file', code: 'SIZE_RATIO', build: () => bomb([64 * 1024 * 1024])},
  {title: 'a file over the limit', code: 'SIZE_FILE', build: () => withDeclared([300 * 1024 * 1024])},
  {
    title: 'files that are too large together',
    code: 'SIZE_TOTAL',
    build: () => withDeclared([200, 200, 200].map(mib => mib * 1024 * 1024)),
  },
  {title: 'fifty entries that share one kernel', code: 'ZIP_OVERLAP', build: sharedKernelBomb},
  {title: 'an entry that quotes the next one', code: 'ZIP_OVERLAP', build: quotedOverlapBomb},
  {
    title: 'over ten thousand entries',
    code: 'ZIP_TOO_MANY_ENTRIES',
    build: () => buildZip(Array.from({length: 10_001}, (_, index) => ({name: `f${index}`, method: 0}))),
  },
]

const WHOLE: Hostile[] = [
  {title: 'a second end record in the comment of the first', code: 'ZIP_DIRECTORY_RECORD', build: twoEndRecords},
  {title: 'a zip cut off', code: 'ZIP_NO_END', build: () => sampleZip().subarray(0, -30)},
  {
    title: 'a program with a zip after it',
    code: 'FORMAT_UNKNOWN',
    build: () => Buffer.concat([Buffer.from('#!/bin/sh\n'), sampleZip()]),
  },
  {
    title: 'a zip in front of a zip',
    code: 'ZIP_DIRECTORY_BOUNDS',
    build: () => Buffer.concat([sampleZip(), sampleZip()]),
  },
  {title: 'an empty file', code: 'FORMAT_UNKNOWN', build: () => Buffer.alloc(0)},
  {title: 'a zip of nothing', code: 'FORMAT_UNKNOWN', build: () => buildZip([])},
]

/** Every archive here is refused with its code, and leaves nothing behind. */
export const HOSTILE_ZIPS: Hostile[] = [
  ...[...SPOILED_NAMES, ...SPOILED_TYPES, ...FEATURES, ...LIES].map(([title, code, specs, end]) => ({
    title,
    code,
    build: (canary: string) =>
      buildZip([...sampleSpecs(), ...(typeof specs === 'function' ? specs(canary) : specs)], end),
  })),
  ...BOMBS,
  ...WHOLE,
]

function sampleData(name: string): string {
  return String(sampleSpecs().find(spec => spec.name === name)?.data)
}

function lengthBeforeEnd(): number {
  return sampleZip().length - 22
}

function bomb(sizes: number[]): Buffer {
  return buildZip([...sampleSpecs(), ...sizes.map((size, index) => ({name: `bomb${index}`, data: Buffer.alloc(size)}))])
}

function withDeclared(sizes: number[]): Buffer {
  return buildZip([...sampleSpecs(), ...sizes.map((bytes, index) => ({name: `big${index}`, data: 'small', bytes}))])
}

/** The last one takes the first for a record of the directory. */
function twoEndRecords(): Buffer {
  const zip = sampleZip()
  const second = Buffer.from(zip.subarray(-22))
  second.writeUInt16LE(4, 8)
  second.writeUInt16LE(4, 10)
  second.writeUInt32LE(second.readUInt32LE(12) + 22, 12)
  zip.writeUInt16LE(22, zip.length - 2)
  return Buffer.concat([zip, second])
}

/** Every entry after the first has a record of its own for the same kernel. */
function sharedKernelBomb(): Buffer {
  const kernel = {packed: deflateRawSync(Buffer.alloc(1024 * 1024)), bytes: 1024 * 1024}
  const specs = [...sampleSpecs(), {name: 'kernel', ...kernel}]
  const sharing = Array.from({length: 50}, (_, index) => ({name: `k${index}`, ...kernel, sharesWith: specs.length - 1}))
  return buildZip([...specs, ...sharing])
}

/** After David Fifield: an entry quotes the next one's header as a stored block and then shares its data. */
function quotedOverlapBomb(): Buffer {
  const inner: ZipSpec = {name: 'inner', data: Buffer.alloc(1024 * 1024)}
  const record = buildZip([inner])
  const header = record.subarray(0, 30 + 'inner'.length)
  const block = Buffer.from([0, header.length, 0, 0xff - header.length, 0xff])
  const content = Buffer.concat([header, Buffer.alloc(1024 * 1024)])
  const packed = Buffer.concat([block, header, deflateRawSync(Buffer.alloc(1024 * 1024))])
  const before = buildZip(sampleSpecs(), {}).readUInt32LE(buildZip(sampleSpecs()).length - 6)
  const offset = before + 30 + 'outer'.length + block.length
  const at = sampleSpecs().length
  return buildZip([...sampleSpecs(), {name: 'outer', data: content, packed}, {...inner, sharesWith: at, offset}])
}
