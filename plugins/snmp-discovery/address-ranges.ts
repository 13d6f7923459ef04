import {isIPv4, isIPv6} from 'node:net'
import ipaddr from 'ipaddr.js'

/** Addresses first..last of one family, asked on one UDP port (0: any port, in exclusions). */
export interface AddressRange {
  family: 4 | 6
  port: number
  first: bigint
  last: bigint
}
export type Address = Pick<AddressRange, 'family' | 'first'>

const BITS = {4: 32, 6: 128} as const

/** undefined when the text is no address. IPv4 inside IPv6 (`::ffff:10.0.0.1`) is IPv4. */
export function parseAddress(text: string): Address | undefined {
  // The library also reads 010.1 and 0x0a000001, which people do not mean.
  if (!isIPv4(text) && (!isIPv6(text) || text.includes('%'))) return undefined
  const bytes = ipaddr.process(text).toByteArray()
  return {family: bytes.length === 4 ? 4 : 6, first: bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n)}
}

export function formatAddress(family: 4 | 6, value: bigint): string {
  const size = BITS[family] / 8
  const bytes = Array.from({length: size}, (_, index) => Number((value >> BigInt(8 * (size - 1 - index))) & 255n))
  return ipaddr.fromByteArray(bytes).toString()
}

/** A network's hosts: without the network and broadcast address of IPv4 where there are any. undefined: no such prefix. */
export function parseNetwork(address: Address, prefix: number): Pick<AddressRange, 'first' | 'last'> | undefined {
  const bits = BITS[address.family]
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > bits) return undefined
  const size = 1n << BigInt(bits - prefix)
  const first = address.first - (address.first % size)
  const last = first + size - 1n
  return address.family === 4 && prefix < 31 ? {first: first + 1n, last: last - 1n} : {first, last}
}

/** The same addresses as ranges in order that neither touch nor overlap: each address once, and counted without listing it. */
export function mergeRanges(ranges: readonly AddressRange[]): AddressRange[] {
  const merged: AddressRange[] = []
  for (const range of ranges.toSorted(compareRanges)) {
    const before = merged.at(-1)
    if (before && before.family === range.family && before.port === range.port && range.first <= before.last + 1n) {
      if (range.last > before.last) before.last = range.last
    } else merged.push({...range})
  }
  return merged
}

/** Both merged. An exclusion holds for every port. */
export function subtractRanges(ranges: readonly AddressRange[], excluded: readonly AddressRange[]): AddressRange[] {
  return ranges.flatMap(range => {
    const left: AddressRange[] = []
    let first = range.first
    for (const gap of excluded) {
      if (gap.family !== range.family || gap.last < first || gap.first > range.last) continue
      if (gap.first > first) left.push({...range, first, last: gap.first - 1n})
      first = gap.last + 1n
    }
    return first <= range.last ? [...left, {...range, first}] : left
  })
}

export function countAddresses(ranges: readonly AddressRange[]): bigint {
  return ranges.reduce((sum, range) => sum + range.last - range.first + 1n, 0n)
}

export function holdsAddress(ranges: readonly AddressRange[], address: Address, port?: number): boolean {
  return ranges.some(
    range =>
      range.family === address.family &&
      (port === undefined || range.port === port) &&
      range.first <= address.first &&
      address.first <= range.last,
  )
}

function compareRanges(a: AddressRange, b: AddressRange): number {
  if (a.family !== b.family) return a.family - b.family
  if (a.port !== b.port) return a.port - b.port
  return a.first < b.first ? -1 : a.first > b.first ? 1 : 0
}
