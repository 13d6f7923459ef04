import {isIP} from 'node:net'
import {PluginError} from 'plugin-host/sdk'
import {
  type Address,
  type AddressRange,
  countAddresses,
  formatAddress,
  holdsAddress,
  mergeRanges,
  parseAddress,
  parseNetwork,
  subtractRanges,
} from './address-ranges.ts'

/** Most addresses of one run. */
export const MAX_TARGETS = 65_536

export interface Target {
  /** A name, or an address when `named` is false. */
  host: string
  port: number
  named: boolean
}

/** What a run asks: counted without being listed, then listed lazily, each address and port once. */
export interface TargetPlan extends Iterable<Target> {
  readonly total: number
  /** False for what a name resolved to when it is excluded or is among the addresses anyhow. */
  accepts(address: string, port: number): boolean
}

type Item = {kind: 'name'; host: string; port: number} | {kind: 'range'; range: AddressRange}

const NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i
/** Only digits, dots and dashes, or 0x: meant to be an address, and none. */
const NUMBERS = /^[0-9.-]+$|^0x/i

/** Throws a PluginError (`input`) that names the part that cannot be read. */
export function parseTargets(
  text: string | readonly string[],
  {exclude = [], port}: {exclude?: string | readonly string[] | undefined; port: number},
): TargetPlan {
  const items = splitList(text).map(item => parseItem(item, port, '/targets'))
  const left = splitList(exclude).map(item => parseItem(item, 0, '/exclude'))
  const excluded = mergeRanges(rangesOf(left))
  const ranges = subtractRanges(mergeRanges(rangesOf(items)), excluded)
  const names = findNames(items, left)
  const total = countAddresses(ranges) + BigInt(names.length)
  if (items.length === 0) throw refuse('/targets', 'there is none', 'Name a host, a range or a network')
  if (total > MAX_TARGETS) {
    throw refuse('/targets', `there are ${total} addresses and ${MAX_TARGETS} at most`, 'Split them into several runs')
  }
  return {
    total: Number(total),
    accepts(address, onPort) {
      const parsed = parseAddress(address)
      return !parsed || (!holdsAddress(excluded, parsed) && !holdsAddress(ranges, parsed, onPort))
    },
    *[Symbol.iterator]() {
      yield* names
      for (const {family, port, first, last} of ranges)
        for (let value = first; value <= last; value++) yield {host: formatAddress(family, value), port, named: false}
    },
  }
}

/** One host of a form field: a name or address, with `:port` where needed. */
export function parseHost(text: string, {port, field}: {port: number; field: string}): Target {
  const item = parseItem(text.trim(), port, field)
  if (item.kind === 'name') return {host: item.host, port: item.port, named: true}
  const {family, first, last, port: onPort} = item.range
  if (first !== last) throw refuse(field, `"${text}" is more than one address`, 'Name one host')
  return {host: formatAddress(family, first), port: onPort, named: false}
}

export function formatTarget(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

function splitList(text: string | readonly string[]): string[] {
  return [text]
    .flat()
    .flatMap(part => part.split(/[\s,;]+/))
    .filter(Boolean)
}

function parseItem(text: string, defaultPort: number, field: string): Item {
  const {host, port} = splitPort(text, defaultPort, field)
  const range = parseRange(host)
  if (range) return {kind: 'range', range: {...range, port}}
  // A link-local address with its interface is left to the resolver.
  if (isIP(host) === 6 || (NAME.test(host) && !NUMBERS.test(host)))
    return {kind: 'name', host: host.toLowerCase(), port}
  const hint = 'Write a name, an address, a range as 10.0.0.1-20, or a network as 10.0.0.0/24'
  throw refuse(field, `"${text.slice(0, 100)}" is neither a name nor an address, range or network`, hint)
}

function splitPort(text: string, defaultPort: number, field: string): {host: string; port: number} {
  const [, bracketed, single, digits] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? single
  if (host === undefined) return {host: text, port: defaultPort}
  if (digits === undefined) return {host, port: defaultPort}
  if (defaultPort === 0) throw refuse(field, `"${text}" names a port`, 'An exclusion holds for every port')
  const port = Number(digits)
  if (port < 1 || port > 65_535) throw refuse(field, `"${text}" has no port of 1 to 65535`, 'Correct the port')
  return {host, port}
}

function parseRange(text: string): Omit<AddressRange, 'port'> | undefined {
  const [from = '', prefix] = text.split(/\/(?=\d{1,3}$)/)
  const [low = '', high] = from.split('-', 2)
  const first = parseAddress(low)
  if (!first) return undefined
  if (prefix !== undefined) {
    const network = high === undefined ? parseNetwork(first, Number(prefix)) : undefined
    return network && {family: first.family, ...network}
  }
  const last = high === undefined ? first : parseRangeEnd(first, high)
  if (last === undefined || last.family !== first.family || last.first < first.first) return undefined
  return {family: first.family, first: first.first, last: last.first}
}

/** `10.0.0.1-20` ends in the last part alone. */
function parseRangeEnd(start: Address, text: string): Address | undefined {
  if (!/^\d{1,3}$/.test(text) || start.family !== 4) return parseAddress(text)
  return Number(text) > 255 ? undefined : {family: 4, first: (start.first & ~255n) + BigInt(text)}
}

function rangesOf(items: readonly Item[]): AddressRange[] {
  return items.flatMap(item => (item.kind === 'range' ? [item.range] : []))
}

function findNames(items: readonly Item[], excluded: readonly Item[]): Target[] {
  const hosts = new Set(excluded.map(item => (item.kind === 'name' ? item.host : '')))
  const targets = items.flatMap(item =>
    item.kind === 'name' && !hosts.has(item.host) ? [{host: item.host, port: item.port, named: true}] : [],
  )
  return [...new Map(targets.map(target => [`${target.host}:${target.port}`, target])).values()]
}

function refuse(field: string, state: string, hint: string): PluginError {
  return new PluginError(`Cannot read ${field.slice(1)}: ${state}`, {
    category: 'input',
    code: 'TARGETS_INVALID',
    field,
    hint,
  })
}
