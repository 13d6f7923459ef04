import type {FormField, ItsmState, VendorModule} from './state.ts'

/** A refusal in the vendor's form. */
export class Refusal extends Error {
  readonly status: number

  constructor(message: string, status = 400) {
    super(message)
    this.status = status
  }
}

const TEXTS: {[module in VendorModule]: string[]} = {
  request: [
    'subject',
    'description',
    'statusName',
    'priorityName',
    'categoryName',
    'impactName',
    'urgencyName',
    'requesterEmail',
    'requesterName',
    'assigneeEmail',
    'technicianGroupName',
    'locationName',
  ],
  asset: [
    'type',
    'assetTypeName',
    'name',
    'statusName',
    'serialNumber',
    'vendorName',
    'productName',
    'hostName',
    'ipAddress',
    'macAddress',
    'usedByEmail',
    'departmentName',
    'locationName',
  ],
  requester: ['name', 'email', 'contactNo', 'departmentName', 'locationName'],
}
const PRIORITIES = ['Low', 'Medium', 'High', 'Urgent', '']
const STATUSES = ['Open', 'In Progress', 'Pending', 'Resolved', 'Closed', '']
const REQUIRED: {[module in VendorModule]: string[]} = {
  request: ['subject', 'requesterEmail'],
  asset: ['name', 'type', 'assetTypeName'],
  requester: ['name'],
}
/** The key of the value by its type code. */
const VALUES: {[code: number]: [key: string, fits: (value: unknown) => boolean]} = {
  1: ['stringValue', value => typeof value === 'string'],
  2: ['integerValue', Number.isInteger],
  3: ['doubleValue', value => typeof value === 'number'],
  4: ['booleanValue', value => typeof value === 'boolean'],
  5: ['longValue', Number.isInteger],
  7: ['integerListValue', value => Array.isArray(value) && value.every(Number.isInteger)],
  8: ['stringListValue', value => Array.isArray(value) && value.every(item => typeof item === 'string')],
  10: ['bigStringValue', value => typeof value === 'string'],
}

/** Refuses whatever the vendor's server does not know. */
export function checkRecord(
  module: VendorModule,
  body: {[key: string]: unknown},
  state: ItsmState,
  isNew: boolean,
): void {
  for (const [key, value] of Object.entries(body)) checkMember(module, key, value, state)
  if (!isNew) return
  const missing = REQUIRED[module].filter(name => !body[name])
  if (missing.length > 0) throw new Refusal(`Mandatory fields are missing: ${missing.join(', ')}`)
}

function checkMember(module: VendorModule, key: string, value: unknown, state: ItsmState): void {
  if (TEXTS[module].includes(key)) {
    if (typeof value !== 'string') throw new Refusal(`${key} must be a string`)
    if (key === 'priorityName' && !PRIORITIES.includes(value)) throw new Refusal(`No priority found with name ${value}`)
    if (key === 'statusName' && module === 'request' && !STATUSES.includes(value))
      throw new Refusal(`No status found with name ${value}`)
    return
  }
  const isNamed = module !== 'request' && key === 'customField' && typeof value === 'object' && value !== null
  if (module === 'request' && key === 'customFieldValueDetails') checkValues(value, state.forms.request)
  else if (module === 'request' && key === 'fileAttachments') checkFiles(value, state)
  else if (!isNamed) throw new Refusal(`Unrecognized field "${key}"`)
}

function checkValues(map: unknown, form: FormField[]): void {
  for (const [id, entry] of Object.entries(Object(map) as {[id: string]: {[key: string]: unknown}})) {
    const field = form.find(known => String(known.id) === id)
    if (!field) throw new Refusal(`No custom field with id ${id}`)
    const {type, ...rest} = entry
    const [key, fits] = VALUES[Number(type)] ?? []
    const keys = Object.keys(rest)
    if (key === undefined || fits === undefined || keys.join() !== key || !fits(rest[key]))
      throw new Refusal(`Invalid value of custom field ${id}: ${JSON.stringify(entry)}`)
  }
}

function checkFiles(list: unknown, {files}: ItsmState): void {
  const isKnown = (file: unknown): boolean => {
    const {refFileName, realName, ...rest} = Object(file) as {[key: string]: unknown}
    return files.has(String(refFileName)) && typeof realName === 'string' && Object.keys(rest).length === 0
  }
  if (!Array.isArray(list) || !list.every(isKnown)) throw new Refusal('Invalid attachment reference')
}

interface Qualification {
  type?: unknown
  leftOperand?: {type?: unknown; key?: unknown}
  operator?: unknown
  rightOperand?: {type?: unknown; value?: {type?: unknown; value?: unknown}}
}

/** A test of records from a search body; refuses one that is not of the documented form. */
export function readQualification(body: {[key: string]: unknown}): (record: {[key: string]: unknown}) => boolean {
  const {type, quals} = Object(body.qualDetails) as {type?: unknown; quals?: unknown}
  if (Object.keys(body).join() !== 'qualDetails' || type !== 'FlatQualificationRest' || !Array.isArray(quals))
    throw new Refusal('Invalid qualification')
  const tests = quals.map((qual: Qualification) => {
    const {type: kind, leftOperand, operator, rightOperand} = qual
    const key = leftOperand?.key
    const wanted = rightOperand?.value?.value
    const isKnown =
      kind === 'RelationalQualificationRest' &&
      leftOperand?.type === 'DbOperandRest' &&
      rightOperand?.type === 'ValueOperandRest' &&
      /^(String|Long|Boolean)ValueRest$/.test(String(rightOperand.value?.type))
    if (!isKnown || typeof key !== 'string') throw new Refusal('Invalid qualification')
    if (operator === 'equal') return (record: {[key: string]: unknown}) => record[key] === wanted
    if (operator !== 'contains') throw new Refusal(`Unknown operator ${String(operator)}`)
    return (record: {[key: string]: unknown}) =>
      String(record[key] ?? '')
        .toLowerCase()
        .includes(String(wanted).toLowerCase())
  })
  return record => tests.every(test => test(record))
}
