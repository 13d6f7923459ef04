import {gzipSync} from 'node:zlib'
import {sampleFiles} from '../support/bundle-files.ts'
import {buildTgz, paxRecords, type TarSpec} from '../support/tar-builder.ts'
import type {Hostile} from './hostile-zips.ts'

type Row = [title: string, code: Hostile['code'], specs: TarSpec[] | ((canary: string) => TarSpec[])]

const MIB = 1024 * 1024

export function sampleTarSpecs(): TarSpec[] {
  return Object.entries(sampleFiles()).map(([name, data]) => ({name: `package/${name}`, data}))
}

function extended(records: {[key: string]: string}): TarSpec {
  return {name: 'PaxHeader/x', type: 'x', data: paxRecords(records)}
}

const ENTRIES: Row[] = [
  ['a path upwards', 'NAME_TRAVERSAL', [{name: 'package/../../escaped'}]],
  ['an absolute path', 'NAME_ABSOLUTE', canary => [{name: `${canary}/escaped`}]],
  ['a backslash path', 'NAME_BACKSLASH', [{name: 'package/..\\escaped'}]],
  ['a name that is not UTF-8', 'NAME_NOT_UTF8', [{name: Buffer.from([0x70, 0x2f, 0xff])}]],
  ['an entry beside the package folder', 'TAR_PREFIX', [{name: 'other/main.js'}]],
  ['names that differ in case', 'NAME_COLLISION', [{name: 'package/MAIN.js'}]],
  ['a name twice', 'NAME_DUPLICATE', [{name: 'package/main.js', data: 'other'}]],
  ['a symbolic link', 'ENTRY_LINK', canary => [{name: 'package/l', type: '2', link: canary}]],
  ['a hard link', 'ENTRY_LINK', canary => [{name: 'package/l', type: '1', link: `${canary}/precious`}]],
  ['a long link name', 'ENTRY_LINK', [{name: '././@LongLink', type: 'K', data: '/etc/passwd\0'}]],
  ['a file with a link target', 'TAR_HEADER', [{name: 'package/l', link: '/etc/passwd'}]],
  ['a character device', 'ENTRY_SPECIAL', [{name: 'package/tty', type: '3'}]],
  ['a block device', 'ENTRY_SPECIAL', [{name: 'package/disk', type: '4'}]],
  ['a named pipe', 'ENTRY_SPECIAL', [{name: 'package/pipe', type: '6'}]],
  ['a sparse file', 'ENTRY_SPECIAL', [{name: 'package/sparse', type: 'S'}]],
  ['a contiguous file', 'ENTRY_SPECIAL', [{name: 'package/c', type: '7'}]],
  ['an unknown type', 'ENTRY_SPECIAL', [{name: 'package/z', type: 'Z'}]],
  ['a folder with data', 'ENTRY_FOLDER_DATA', [{name: 'package/d/', type: '5', data: 'hidden'}]],
  [
    'a GNU long name',
    'TAR_EXTENDED',
    [{name: '././@LongLink', type: 'L', data: 'package/long\0'}, {name: 'package/x'}],
  ],
  ['a global header', 'TAR_EXTENDED', [{name: 'g', type: 'g', data: paxRecords({path: '../escaped'})}]],
  ['a size in an extended header', 'TAR_EXTENDED', [extended({size: '1'}), {name: 'package/x', data: 'hello'}]],
  ['a link target in an extended header', 'TAR_EXTENDED', [extended({linkpath: '/etc'}), {name: 'package/x'}]],
  ['a sparse file by its extended header', 'TAR_EXTENDED', [extended({'GNU.sparse.name': 'x'}), {name: 'package/x'}]],
  [
    'a path upwards in an extended header',
    'NAME_TRAVERSAL',
    [extended({path: 'package/../../escaped'}), {name: 'package/x'}],
  ],
  ['a NUL in an extended header', 'NAME_CONTROL', [extended({path: 'package/a\0b'}), {name: 'package/x'}]],
  [
    'two extended headers in a row',
    'TAR_EXTENDED',
    [extended({path: 'package/a'}), extended({path: 'package/b'}), {name: 'package/x'}],
  ],
  ['an extended header of nothing', 'TAR_EXTENDED', [extended({path: 'package/a'})]],
  [
    'a damaged extended header',
    'TAR_EXTENDED',
    [{name: 'x', type: 'x', data: '99 path=package/a\n'}, {name: 'package/x'}],
  ],
  ['a wrong checksum', 'TAR_HEADER', [{name: 'package/x', checksum: 1}]],
  [
    'a size in base 256',
    'TAR_HEADER',
    [{name: 'package/x', size: Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5])}],
  ],
  ['a negative size', 'TAR_HEADER', [{name: 'package/x', size: '-0000000001\0'}]],
  ['a file over the limit', 'SIZE_FILE', [{name: 'package/x', size: '07777777777\0'}]],
  ['a size beyond the end', 'TAR_TRUNCATED', [{name: 'package/x', data: 'hello', size: '00001000000\0'}]],
  ['a bomb', 'SIZE_RATIO', [{name: 'package/x', data: Buffer.alloc(64 * MIB)}]],
]

const WHOLE: Hostile[] = [
  {
    title: 'a tar without an end',
    code: 'TAR_TRUNCATED',
    build: () => buildTgz(sampleTarSpecs(), {end: Buffer.alloc(0)}),
  },
  {
    title: 'a tar with half an end',
    code: 'TAR_TRUNCATED',
    build: () => buildTgz(sampleTarSpecs(), {end: Buffer.alloc(512)}),
  },
  {
    title: 'a second tar after the end',
    code: 'TAR_TRAILING',
    build: () => buildTgz(sampleTarSpecs(), {end: Buffer.concat([Buffer.alloc(1024), Buffer.alloc(512, 'x')])}),
  },
  {
    title: 'bytes after the gzip data',
    code: 'TAR_DATA_BROKEN',
    build: () => buildTgz(sampleTarSpecs(), {after: Buffer.from('evil')}),
  },
  {
    title: 'zeros after the gzip data',
    code: 'TAR_DATA_TRAILING',
    build: () => buildTgz(sampleTarSpecs(), {after: Buffer.alloc(100)}),
  },
  {title: 'a gzip cut off', code: 'TAR_DATA_BROKEN', build: () => buildTgz(sampleTarSpecs()).subarray(0, -20)},
  {title: 'a wrong gzip checksum', code: 'TAR_DATA_BROKEN', build: wrongGzipChecksum},
  {
    title: 'a gzip within a gzip',
    code: 'TAR_HEADER',
    build: () => gzipSync(Buffer.concat([buildTgz(sampleTarSpecs()), Buffer.alloc(1024)])),
  },
  {title: 'a gzip of nothing', code: 'TAR_TRUNCATED', build: () => gzipSync(Buffer.alloc(0))},
  {
    title: 'over ten thousand entries',
    code: 'TAR_TOO_MANY_ENTRIES',
    build: () =>
      buildTgz([...sampleTarSpecs(), ...Array.from({length: 10_001}, (_, index) => ({name: `package/f${index}`}))]),
  },
]

/** Every archive here is refused with its code, and leaves nothing behind. */
export const HOSTILE_TARS: Hostile[] = [
  ...ENTRIES.map(([title, code, specs]) => ({
    title,
    code,
    build: (canary: string) =>
      buildTgz([...sampleTarSpecs(), ...(typeof specs === 'function' ? specs(canary) : specs)]),
  })),
  ...WHOLE,
]

function wrongGzipChecksum(): Buffer {
  const bytes = buildTgz(sampleTarSpecs())
  bytes.writeUInt32LE(1, bytes.length - 8)
  return bytes
}
