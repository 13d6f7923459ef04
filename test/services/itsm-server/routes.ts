import {checkRecord, Refusal, readQualification} from './check.ts'
import {type ItsmState, nextId, type VendorModule, type VendorRecord} from './state.ts'

export interface VendorCall {
  method: string
  path: string
  query: URLSearchParams
  /** Parsed JSON, or the form of an upload. */
  body: {[key: string]: unknown}
  file?: {name: string; type: string; data: Buffer}
}

export interface VendorAnswer {
  status: number
  body: unknown
}

const SUCCESS = {returnCode: 'SUCCESS', status: 0}
const NOW = 1_795_000_000_000

/** What the vendor's server does with an authorised call. Throws Refusal. */
export function answerCall(call: VendorCall, state: ItsmState): VendorAnswer {
  const {method, path} = call
  const form = /^\/api\/ususer\/form\/(request|asset|requester)$/.exec(path)?.[1] as VendorModule | undefined
  if (form && method === 'GET') return {status: 200, body: {fields: state.forms[form]}}
  if (path === '/api/oprfile' && method === 'POST') return storeFile(call, state)
  const conversation = /^\/api\/v1\/request\/(\d+)\/conversation(\/search\/byqual)?$/.exec(path)
  if (conversation && method === 'POST') {
    return talk(Number(conversation[1]), conversation[2] !== undefined, call, state)
  }
  const [, module, rest = ''] = /^\/api\/v1\/(request|asset|requester)(\/.*)?$/.exec(path) ?? []
  if (module === undefined) throw new Refusal('No such resource', 404)
  return answerRecords(module as VendorModule, rest, call, state)
}

function answerRecords(
  module: VendorModule,
  rest: string,
  {method, body, query}: VendorCall,
  state: ItsmState,
): VendorAnswer {
  const records = state[module]
  if (rest === '' && method === 'POST') return create(module, body, state)
  if (rest === '/search/byqual' && method === 'POST') {
    const fits = [...records.values()].filter(readQualification(body)).reverse()
    const offset = Number(query.get('offset') ?? 0)
    const size = Number(query.get('size') ?? 25)
    return {status: 200, body: {objectList: fits.slice(offset, offset + size), totalCount: fits.length}}
  }
  const known = records.get(Number(/^\/(\d+)$/.exec(rest)?.[1]))
  if (!known) throw new Refusal('No such record', 404)
  if (method === 'GET') return {status: 200, body: known}
  if (method !== 'POST') throw new Refusal('Method not allowed', 405)
  checkRecord(module, body, state, false)
  // A business rule, as its HTTP status does not tell.
  if (module === 'request' && body.statusName === 'Closed' && !state.conversations.get(known.id)?.length) {
    return {
      status: 200,
      body: {returnCode: 'FAILURE', status: 1, userMessage: 'A note is required to close the request'},
    }
  }
  Object.assign(known, merge(known, body), {updatedTime: NOW + 1})
  return {status: 200, body: {...SUCCESS, userMessage: 'Updated', id: known.id}}
}

/** An asset of a known name is overwritten: the trap that the host must not step into. */
function create(module: VendorModule, body: {[key: string]: unknown}, state: ItsmState): VendorAnswer {
  checkRecord(module, body, state, true)
  const records: Map<number, VendorRecord> = state[module]
  const same = module === 'asset' ? [...records.values()].find(({name}) => name === body.name) : undefined
  const id = same?.id ?? nextId(records)
  const blank =
    module === 'request' ? {statusName: 'Open', priorityName: 'Low', name: `INC-${id}`, requesterName: 'Ann'} : {}
  records.set(id, {...(same ?? {...blank, createdTime: NOW, updatedTime: NOW}), ...body, id})
  return {status: 200, body: {...SUCCESS, userMessage: 'Created', id}}
}

function merge(known: VendorRecord, body: {[key: string]: unknown}): {[key: string]: unknown} {
  const join = (name: string): object => ({...Object(known[name]), ...Object(body[name])})
  return {
    ...body,
    ...(body.customFieldValueDetails !== undefined && {customFieldValueDetails: join('customFieldValueDetails')}),
    ...(body.customField !== undefined && {customField: join('customField')}),
  }
}

function talk(id: number, isSearch: boolean, {body}: VendorCall, state: ItsmState): VendorAnswer {
  if (!state.request.has(id)) throw new Refusal('No such record', 404)
  const said = state.conversations.get(id) ?? []
  if (isSearch) return {status: 200, body: {objectList: said.filter(readQualification(body)), totalCount: said.length}}
  const {conversationType, details, subject, conversationState, ...more} = body
  const isKnown = ['note', 'technician_to_requester'].includes(String(conversationType))
  if (!isKnown || !details || !subject || conversationState !== 'published' || Object.keys(more).length > 0)
    throw new Refusal('Invalid conversation')
  const made = {
    id: said.length + 1,
    conversationType,
    details,
    createdByEmail: 'plugin@example.com',
    createdTime: 'Wed, Jul 16, 2025 04:33 pm',
  }
  state.conversations.set(id, [...said, made])
  return {status: 200, body: made}
}

function storeFile({file}: VendorCall, {files}: ItsmState): VendorAnswer {
  if (!file) throw new Refusal('No file')
  const refFileName = `ref-${files.size + 1}`
  files.set(refFileName, file)
  return {status: 200, body: {refFileName}}
}
