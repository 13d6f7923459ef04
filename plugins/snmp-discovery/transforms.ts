import {isIP} from 'node:net'
import ipaddr from 'ipaddr.js'
import type {ConfigTransforms} from './plugin.types.ts'

/** What an agent sent: SNMP's type by name, octets still as bytes. */
export interface Varbind {
  oid: string
  type: string
  value: number | string | Uint8Array
}
/** undefined: no claim (nothing there, or nothing of that meaning). */
export type Value = string | number | undefined
type Raw = Varbind['value'] | undefined
type Transform = ConfigTransforms[number]

/** Longest text kept, characters. */
const MAX_TEXT = 4096
const CONTROL = /[^\P{Cc}\t\n\r]/u

/** A value as an attribute holds it, after the transforms in their order. */
export function convertValue(varbind: Varbind, transforms: ConfigTransforms = []): Value {
  const start: Raw = varbind.type === 'Counter64' ? decodeCounter(varbind.value) : varbind.value
  const end = transforms.reduce<Raw>(applyTransform, start)
  const value = end instanceof Uint8Array ? decodeText(end) : end
  return value === '' || (typeof value === 'number' && !Number.isFinite(value)) ? undefined : value
}

/** UTF-8, else Latin-1, else (bytes that are no text) hexadecimal. Closing NULs are padding. */
export function decodeText(bytes: Uint8Array): string {
  const end = bytes.findLastIndex(byte => byte !== 0) + 1
  const buffer = Buffer.from(bytes.subarray(0, end))
  const utf8 = buffer.toString('utf8')
  const text = utf8.includes('\ufffd') ? buffer.toString('latin1') : utf8
  return (CONTROL.test(text) ? buffer.toString('hex') : text).slice(0, MAX_TEXT)
}

function applyTransform(value: Raw, transform: Transform): Raw {
  if (value === undefined) return undefined
  if (typeof transform === 'object')
    return 'scale' in transform ? scale(value, transform.scale) : map(value, transform.map)
  return STEPS[transform](value)
}

const STEPS: {[K in Extract<Transform, string>]: (value: Varbind['value']) => Raw} = {
  trim: value => toText(value).trim(),
  lower: value => toText(value).toLowerCase(),
  upper: value => toText(value).toUpperCase(),
  text: toText,
  hex: value => toBytes(value).toString('hex'),
  mac: toMac,
  ip: toIp,
  number: toNumber,
  dateAndTime: toDate,
}

function toText(value: Varbind['value']): string {
  return value instanceof Uint8Array ? decodeText(value) : String(value)
}

function toBytes(value: Varbind['value']): Buffer {
  return Buffer.from(typeof value === 'number' ? String(value) : value)
}

/** Lower case with colons; also from text with dashes, dots or nothing between. All zeros is none. */
function toMac(value: Varbind['value']): Raw {
  const bytes = toBytes(value)
  const digits =
    bytes.length === 6
      ? bytes.toString('hex')
      : toText(value)
          .replace(/[^0-9a-f]/gi, '')
          .toLowerCase()
  if (digits.length !== 12 || /^0+$/.test(digits)) return undefined
  return digits.replace(/..(?!$)/g, '$&:')
}

function toIp(value: Varbind['value']): Raw {
  if (typeof value === 'string' && isIP(value)) return value
  const bytes = toBytes(value)
  if (value instanceof Uint8Array && (bytes.length === 4 || bytes.length === 16))
    return ipaddr.fromByteArray([...bytes]).toString()
  const text = toText(value).trim()
  return isIP(text) ? text : undefined
}

function toNumber(value: Varbind['value']): Raw {
  const number = typeof value === 'number' ? value : Number(toText(value).trim() || Number.NaN)
  return Number.isFinite(number) ? number : undefined
}

function scale(value: Varbind['value'], factor: number): Raw {
  const number = toNumber(value)
  // 0.1 + 0.2 is not 0.3: what the factor's binary fraction adds is not the device's.
  return typeof number === 'number' ? Number((number * factor).toPrecision(12)) : undefined
}

/** A value the table does not know stays as it is. */
function map(value: Varbind['value'], table: {[value: string]: string}): Raw {
  const key = toText(value)
  return Object.hasOwn(table, key) ? table[key] : value
}

/** SNMPv2-TC DateAndTime: 8 bytes, or 11 with the distance from UTC. Without it the device's own zone is unknown. */
function toDate(value: Varbind['value']): Raw {
  const bytes = toBytes(value)
  if (bytes.length !== 8 && bytes.length !== 11) return undefined
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0] = bytes.subarray(2)
  const at = Date.UTC(bytes.readUInt16BE(0), month - 1, day, hour, minute, Math.min(second, 59))
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59) return undefined
  if (bytes.length === 8) return new Date(at).toISOString().replace(/\.000Z$/, '')
  const offsetMs = ((bytes[9] ?? 0) * 60 + (bytes[10] ?? 0)) * 60_000
  return new Date(bytes[8] === 0x2d ? at + offsetMs : at - offsetMs).toISOString().replace('.000Z', 'Z')
}

/** Beyond what a number holds exactly it is digits as text. */
function decodeCounter(value: Varbind['value']): Raw {
  if (!(value instanceof Uint8Array)) return value
  const number = BigInt(`0x${Buffer.from(value).toString('hex') || '0'}`)
  return number <= Number.MAX_SAFE_INTEGER ? Number(number) : String(number)
}
