import type {Contact} from './contact-device.ts'
import type {Match} from './profiles.ts'
import type {Reading} from './read-device.ts'
import {formatTarget} from './targets.ts'

/** A found device as the inventory takes it. An attribute that is absent is no claim. */
export interface DeviceRecord {
  /** The registration that found it. */
  source: string
  /** The address, with its port where that is not 161: the one thing every agent has. */
  nativeKey: string
  /** Milliseconds since 1970. */
  observedAt: number
  /** A scan never sees all there is: absence from it proves nothing. */
  mode: 'delta'
  assetType: string
  identifiers: {
    serial: string[]
    uuid: string[]
    mac: string[]
    ip: string[]
    hostname?: string
    fqdn?: string
    assetTag?: string
  }
  attributes: Reading['attributes']
  labels: Reading['labels']
  /** What changes from one look to the next, kept apart so that an unchanged device stays unchanged. */
  observed: {uptimeSeconds?: number}
  /** Which profile was used and why. */
  matched: {profile: string; name: string; pattern: string; reason: string; lineage: string[]}
  access: {address: string; port: number; version: '2c' | '3'; credential: string}
  incomplete: string[]
}

const STANDARD_PORT = 161
const LOOPBACK = /^(127\.|::1$)/

export function buildRecord(
  {endpoint, credential, system}: Contact,
  {profile, pattern, reason}: Match,
  {reading, source, observedAt}: {reading: Reading; source: string; observedAt: number},
): DeviceRecord {
  const {address, port} = endpoint
  return {
    source,
    nativeKey: port === STANDARD_PORT ? address : formatTarget(address, port),
    observedAt,
    mode: 'delta',
    assetType: profile.assetType,
    identifiers: buildIdentifiers(reading.identifiers, address, system.name?.toLowerCase()),
    attributes: {...(profile.manufacturer && {manufacturer: profile.manufacturer}), ...reading.attributes},
    labels: reading.labels,
    observed: system.uptimeSeconds === undefined ? {} : {uptimeSeconds: system.uptimeSeconds},
    matched: {profile: profile.id, name: profile.name, pattern, reason, lineage: profile.lineage},
    access: {address, port, version: credential.version, credential: credential.name},
    incomplete: reading.incomplete,
  }
}

function buildIdentifiers(
  {serial = [], uuid = [], mac = [], ip = [], ...single}: Reading['identifiers'],
  address: string,
  name: string | undefined,
): DeviceRecord['identifiers'] {
  const hostname = single.hostname?.[0] ?? name?.split('.')[0]
  const fqdn = single.fqdn?.[0] ?? (name?.includes('.') ? name : undefined)
  const assetTag = single.assetTag?.[0]
  // Every device has 127.0.0.1: it tells none from another, unless that is where it was found.
  const addresses = [...new Set([address, ...ip.filter(other => !LOOPBACK.test(other))])]
  return {
    ...{serial, uuid, mac, ip: addresses},
    ...(hostname && {hostname}),
    ...(fqdn && {fqdn}),
    ...(assetTag && {assetTag}),
  }
}
