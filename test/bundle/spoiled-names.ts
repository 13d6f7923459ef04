import type {BundleProblemCode} from '../../host/bundle/bundle-problems.ts'
import {unixAttributes, type ZipEnd, type ZipSpec} from '../support/zip-builder.ts'

/** A way to spoil a sound bundle: entries added to it, or another end. `canary` is a folder outside that it aims at. */
export type SpoiledRow = [
  title: string,
  code: BundleProblemCode,
  specs: ZipSpec[] | ((canary: string) => ZipSpec[]),
  end?: ZipEnd,
]

const LINK = unixAttributes(0o120777)

/** Names that mean something else, or nothing, somewhere. */
export const SPOILED_NAMES: SpoiledRow[] = [
  ['a path upwards', 'NAME_TRAVERSAL', [{name: '../escaped'}]],
  ['a path upwards from a folder', 'NAME_TRAVERSAL', [{name: 'a/../../escaped'}]],
  ['a path through the current folder', 'NAME_TRAVERSAL', [{name: 'a/./b'}]],
  ['full-width dots that fold to a path upwards', 'NAME_TRAVERSAL', [{name: '．．/escaped'}]],
  ['an absolute path', 'NAME_ABSOLUTE', canary => [{name: `${canary}/escaped`}]],
  ['a network share', 'NAME_ABSOLUTE', [{name: '//host/share/x'}]],
  ['a backslash path upwards', 'NAME_BACKSLASH', [{name: '..\\escaped'}]],
  ['a drive letter', 'NAME_COLON', [{name: 'C:/escaped'}]],
  ['a drive-relative path', 'NAME_COLON', [{name: 'C:escaped'}]],
  ['an alternate data stream', 'NAME_COLON', [{name: 'main.js:hidden'}]],
  ['an empty name', 'NAME_EMPTY', [{name: ''}]],
  ['an empty part in a name', 'NAME_EMPTY_SEGMENT', [{name: 'a//b'}]],
  ['a NUL in a name', 'NAME_CONTROL', [{name: 'a.js\0.txt'}]],
  ['an escape sequence in a name', 'NAME_CONTROL', [{name: '\x1b[2Ja'}]],
  ['text direction turned round in a name', 'NAME_CONTROL', [{name: 'a\u202etxt.js'}]],
  ['a zero-width joiner in a name', 'NAME_CONTROL', [{name: '.g\u200dit/config'}]],
  ['a name that is not UTF-8', 'NAME_NOT_UTF8', [{name: Buffer.from([0x61, 0xff, 0xfe]), flags: 0x0800}]],
  ['a name in an unnamed code page', 'NAME_NOT_FLAGGED', [{name: 'é', flags: 0}]],
  ['a name in Unicode form NFD', 'NAME_NOT_NFC', [{name: 'e\u0301'}]],
  ['a Windows device', 'NAME_RESERVED', [{name: 'NUL'}]],
  ['a Windows device with an extension', 'NAME_RESERVED', [{name: 'a/con.txt'}]],
  ['a Windows device with a superscript digit', 'NAME_RESERVED', [{name: 'COM¹'}]],
  ['a Windows short name', 'NAME_SHORT', [{name: 'GIT~1/config'}]],
  ['a wildcard', 'NAME_WINDOWS', [{name: 'a*b'}]],
  ['a trailing dot', 'NAME_TRAILING', [{name: 'main.js.'}]],
  ['a trailing space', 'NAME_TRAILING', [{name: 'a /b'}]],
  ['a name of over 512 bytes', 'NAME_TOO_LONG', [{name: 'a/'.repeat(10) + 'b'.repeat(600)}]],
  ['a name part of over 255 bytes', 'NAME_SEGMENT_TOO_LONG', [{name: 'b'.repeat(300)}]],
  ['a path of over 32 folders', 'NAME_TOO_DEEP', [{name: `${'a/'.repeat(33)}b`}]],
  ['an entry that extractors skip', 'NAME_MACOSX', [{name: '__MACOSX/x'}]],
  [
    'a name twice',
    'NAME_DUPLICATE',
    [
      {name: 'x', data: 'one'},
      {name: 'x', data: 'two'},
    ],
  ],
  ['a manifest twice', 'NAME_DUPLICATE', [{name: 'plugin.json', data: '{}'}]],
  ['names that differ in case', 'NAME_COLLISION', [{name: 'Main.js'}]],
  ['folders that differ in case', 'NAME_COLLISION', [{name: 'ASSETS/other.txt'}]],
  ['names that fold by ß and ss', 'NAME_COLLISION', [{name: 'straße'}, {name: 'STRASSE'}]],
  ['names that fold by compatibility', 'NAME_COLLISION', [{name: 'ﬁle'}, {name: 'file'}]],
  ['a file where a folder is', 'NAME_FILE_AND_FOLDER', [{name: 'x'}, {name: 'x/y'}]],
  ['a folder where a file is', 'NAME_FILE_AND_FOLDER', [{name: 'x/y'}, {name: 'x'}]],
]

/** Entries that are neither plain files nor plain folders. */
export const SPOILED_TYPES: SpoiledRow[] = [
  ['a link out of the folder', 'ENTRY_LINK', canary => [{name: 'link', data: canary, attributes: LINK}]],
  [
    'a link to a file and then a file of its name',
    'ENTRY_LINK',
    canary => [
      {name: 'x', data: `${canary}/precious`, attributes: LINK},
      {name: 'x', data: 'overwritten'},
    ],
  ],
  [
    'a link to the folder above, then a file through it',
    'ENTRY_LINK',
    [
      {name: 'cur', data: '.', attributes: LINK},
      {name: 'par', data: 'cur/..', attributes: LINK},
      {name: 'par/escaped'},
    ],
  ],
  [
    'a link that claims to come from Windows',
    'ENTRY_LINK',
    [{name: 'l', data: '/etc', attributes: LINK, madeBy: 0x0014}],
  ],
  ['a named pipe', 'ENTRY_SPECIAL', [{name: 'pipe', attributes: unixAttributes(0o010644)}]],
  ['a character device', 'ENTRY_SPECIAL', [{name: 'tty', attributes: unixAttributes(0o020666)}]],
  ['a block device', 'ENTRY_SPECIAL', [{name: 'disk', attributes: unixAttributes(0o060666)}]],
  ['a socket', 'ENTRY_SPECIAL', [{name: 'socket', attributes: unixAttributes(0o140755)}]],
  ['a folder without its slash', 'ENTRY_TYPE_MISMATCH', [{name: 'd', attributes: unixAttributes(0o040755)}]],
  ['a DOS folder without its slash', 'ENTRY_TYPE_MISMATCH', [{name: 'd', attributes: 0x10, madeBy: 0x0014}]],
  ['a file with a slash', 'ENTRY_TYPE_MISMATCH', [{name: 'd/', attributes: unixAttributes(0o100644)}]],
  ['a folder with data', 'ENTRY_FOLDER_DATA', [{name: 'd/', data: 'hidden'}]],
]
