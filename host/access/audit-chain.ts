import {hash} from 'node:crypto'
import type {Json, JsonObject} from '../../runtime/protocol.ts'

/** What the hash of an entry covers, besides the hash of the one before. */
export interface HashedEntry {
  seq: number
  at: number
  who: string
  action: string
  target: string
  /** JSON text, as it is stored. */
  details: string
}

export type ChainFault = {at: number; reason: string}

/**
 * SHA-256, hex, over the hash of the entry before (nothing for the first), a line feed, and the JSON array
 * `[seq, at, who, action, target, details]`. Anybody can work it out again; docs/operations.md tells how.
 */
export function hashEntry(before: string, {seq, at, who, action, target, details}: HashedEntry): string {
  return hash('sha256', `${before}\n${JSON.stringify([seq, at, who, action, target, details])}`, 'hex')
}

/** The same text for the same value, whatever the order of its keys. */
export function renderDetails(details: JsonObject): string {
  return JSON.stringify(sortKeys(details))
}

function sortKeys(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map(key => [key, sortKeys(value[key] ?? null)]),
  )
}

/** Follows the chain entry by entry. */
export interface ChainCheck {
  /** What is wrong with this entry after those before; undefined when it fits. */
  next(entry: HashedEntry & {hash: string}): ChainFault | undefined
  readonly entries: number
  /** Hash of the last entry; empty before the first. */
  readonly head: string
}

export function checkChain(): ChainCheck {
  let head = ''
  let entries = 0
  return {
    next(entry) {
      const seq = entries + 1
      if (entry.seq !== seq) return {at: seq, reason: `entry ${seq} is missing`}
      if (hashEntry(head, entry) !== entry.hash) return {at: seq, reason: `entry ${seq} was changed`}
      head = entry.hash
      entries = seq
      return undefined
    },
    get entries() {
      return entries
    },
    get head() {
      return head
    },
  }
}
