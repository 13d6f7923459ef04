import type {Json, JsonObject} from '../../../runtime/protocol.ts'
import type {FieldInfo, MainRecord, Module} from '../../record-types.ts'
import {type FieldWrite, isObject} from '../desk-changes.ts'
import {decodeValues, encodeValues} from './custom-values.ts'

/** Field of ours -> name in the vendor's JSON. */
const NAMES: {[module in Module]: {[id: string]: string}} = {
  request: {
    subject: 'subject',
    description: 'description',
    status: 'statusName',
    priority: 'priorityName',
    category: 'categoryName',
    impact: 'impactName',
    urgency: 'urgencyName',
    assignee: 'assigneeEmail',
    group: 'technicianGroupName',
    location: 'locationName',
  },
  asset: {
    name: 'name',
    type: 'assetTypeName',
    status: 'statusName',
    serial: 'serialNumber',
    manufacturer: 'vendorName',
    model: 'productName',
    hostname: 'hostName',
    ip: 'ipAddress',
    mac: 'macAddress',
    usedBy: 'usedByEmail',
    department: 'departmentName',
    location: 'locationName',
  },
  user: {
    name: 'name',
    email: 'email',
    phone: 'contactNo',
    department: 'departmentName',
    location: 'locationName',
  },
}

const REQUESTER = 'requesterEmail'

/** The vendor's name of a field of ours; undefined for what it cannot be asked by. */
export function nameOf(module: Module, id: string): string | undefined {
  if (module === 'request' && (id === 'requester' || id === 'requester.email')) return REQUESTER
  return id === 'id' ? 'id' : NAMES[module][id]
}

/** The vendor's record as ours. What it does not tell is an empty text. */
export function fromVendor(module: Module, vendor: JsonObject, fields: readonly FieldInfo[]): MainRecord {
  const named = Object.entries(NAMES[module]).map(([id, name]): [string, Json] => [id, vendor[name] ?? ''])
  const times = {createdAt: readTime(vendor, 'created'), updatedAt: readTime(vendor, 'updated')}
  const record: MainRecord = {id: String(vendor.id ?? ''), ...times}
  const own = module === 'request' ? decodeValues(vendor.customFieldValueDetails, fields) : readOwn(vendor)
  if (module === 'asset') {
    const {name = '', type = '', ...attributes} = Object.fromEntries(named)
    const known = Object.entries(attributes).filter(([, value]) => value !== '')
    return {...record, name, type, source: null, nativeKey: null, attributes: {...Object.fromEntries(known), ...own}}
  }
  if (module === 'user') return {...record, ...Object.fromEntries(named), active: vendor.isBlock !== true, fields: own}
  const requester = describeRequester(vendor)
  return {...record, name: vendor.name ?? '', ...Object.fromEntries(named), requester, fields: own}
}

function describeRequester({requesterEmail, requesterName}: JsonObject): JsonObject | null {
  if (!requesterEmail && !requesterName) return null
  return {name: requesterName ?? '', email: requesterEmail ?? '', phone: '', department: '', location: ''}
}

function readOwn({customField}: JsonObject): JsonObject {
  return isObject(customField) ? customField : {}
}

/** `createdTime` in milliseconds, or `createdDate` as `dd-MM-yyyy HH:mm`, which tells no zone: taken as UTC. */
function readTime(vendor: JsonObject, name: string): number | null {
  const time = vendor[`${name}Time`]
  if (typeof time === 'number') return time
  const [, day, month, year, hour = '00', minute = '00'] =
    /^(\d{2})-(\d{2})-(\d{4})(?: (\d{2}):(\d{2}))?$/.exec(String(vendor[`${name}Date`] ?? '')) ?? []
  return day === undefined ? null : Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute))
}

/** What to send for checked writes. */
export function toVendor(module: Module, writes: readonly FieldWrite[], fields: readonly FieldInfo[]): JsonObject {
  const sent: JsonObject = {}
  const own: {field: FieldInfo; value: Json}[] = []
  const byName: JsonObject = {}
  for (const {path, value} of writes) {
    const field = fields.find(known => known.path.join('\0') === path.join('\0'))
    const name = field && nameOf(module, field.id)
    if (name !== undefined) sent[name] = value ?? ''
    else if (module === 'request' && field?.id.startsWith('cf:')) own.push({field, value})
    else byName[field?.label ?? path.at(-1) ?? ''] = value
  }
  return {
    ...sent,
    ...(own.length > 0 && {customFieldValueDetails: encodeValues(own)}),
    ...(Object.keys(byName).length > 0 && {customField: byName}),
  }
}

/** `type` of a new asset, which the first part of its path tells: `hardware$computer`. */
export function assetClass(assetType: Json | undefined): string {
  const [first = ''] = String(assetType ?? '')
    .toLowerCase()
    .split('$')
  if (first === 'hardware') return 'HardwareAsset'
  return first === 'software' ? 'SoftwareAsset' : 'NonITAsset'
}
