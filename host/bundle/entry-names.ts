import {ENTRY_LIMITS} from './bundle-limits.ts'
import {type ArchiveProblemCode, type BundleProblem, describeProblem} from './bundle-problems.ts'

// Control, format (bidirectional, zero-width), line separators, lone surrogates, unassigned.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Cn}]/u
const RESERVED = /^(con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9]|lpt[0-9])$/i
// What Windows makes of a long name: six letters, a tilde, a number, three letters.
const SHORT = /^[^~.]{1,6}~[0-9]{1,6}(\.[^.]{0,3})?$/

/** What is wrong with an entry's name by itself; the first thing only. `name` has no trailing slash. */
export function judgeName(name: string): BundleProblem | undefined {
  const code = findWholeFault(name) ?? firstFault(name.split('/'))
  return code && describeProblem(code, name.slice(0, ENTRY_LIMITS.name))
}

/** True for a name that Windows gives to a device, with or without an extension. */
export function isReservedName(segment: string): boolean {
  const base = segment.normalize('NFKC').split('.')[0] ?? ''
  return RESERVED.test(base.trimEnd())
}

function findWholeFault(name: string): ArchiveProblemCode | undefined {
  if (name === '') return 'NAME_EMPTY'
  if (Buffer.byteLength(name) > ENTRY_LIMITS.name) return 'NAME_TOO_LONG'
  // The replacement character is what a lenient decoder makes of bytes that are not UTF-8.
  if (name.includes('\ufffd')) return 'NAME_NOT_UTF8'
  if (INVISIBLE.test(name)) return 'NAME_CONTROL'
  if (name.startsWith('/')) return 'NAME_ABSOLUTE'
  if (name.normalize('NFC') !== name) return 'NAME_NOT_NFC'
  if (name === '__MACOSX' || name.startsWith('__MACOSX/')) return 'NAME_MACOSX'
  return undefined
}

function firstFault(segments: string[]): ArchiveProblemCode | undefined {
  if (segments.length > ENTRY_LIMITS.depth + 1) return 'NAME_TOO_DEEP'
  for (const segment of segments) {
    const fault = findSegmentFault(segment)
    if (fault) return fault
  }
  return undefined
}

function findSegmentFault(segment: string): ArchiveProblemCode | undefined {
  if (segment === '') return 'NAME_EMPTY_SEGMENT'
  if (Buffer.byteLength(segment) > ENTRY_LIMITS.segment) return 'NAME_SEGMENT_TOO_LONG'
  // Also as it reads once a file system has folded full-width and other look-alike forms.
  const folded = segment.normalize('NFKC')
  if (folded === '.' || folded === '..') return 'NAME_TRAVERSAL'
  if (folded.includes('\\')) return 'NAME_BACKSLASH'
  if (folded.includes(':')) return 'NAME_COLON'
  if (/[<>"|?*/]/.test(folded)) return 'NAME_WINDOWS'
  if (/[. ]$/.test(folded)) return 'NAME_TRAILING'
  if (isReservedName(segment)) return 'NAME_RESERVED'
  if (SHORT.test(folded)) return 'NAME_SHORT'
  return undefined
}
