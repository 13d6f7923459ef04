import type {Json, JsonObject} from '../../../runtime/protocol.ts'
import {HostError} from '../../errors.ts'
import type {MainRecord, Module, Page, RecordQuery} from '../../record-types.ts'
import {isObject, readWrites} from '../desk-changes.ts'
import type {Caller} from './call.ts'
import type {Catalogue} from './catalogue.ts'
import {assetClass, fromVendor, toVendor} from './convert.ts'
import {refused, unavailable} from './failure.ts'
import {MODULE_NAMES} from './parse-form.ts'
import {composeQualification, fitsQuery} from './qualify.ts'

const DEFAULT_LIMIT = 100

/** The records of the vendor's server, by its REST API. */
export interface RestRecords {
  search(module: Module, query: RecordQuery): Promise<Page>
  get(module: Module, id: string): Promise<MainRecord | null>
  /** Resolves with the new one's id. */
  create(module: Module, fields: JsonObject): Promise<string>
  /** Throws RECORD_NOT_FOUND. */
  update(module: Module, id: string, fields: JsonObject): Promise<void>
  /** What the vendor's server has under this id, in its own words. Throws RECORD_NOT_FOUND. */
  read(module: Module, id: string): Promise<JsonObject>
  /** Sends fields in the vendor's own words. Throws RECORD_NOT_FOUND. */
  write(module: Module, id: string, body: JsonObject): Promise<void>
}

export function createRestRecords({call}: Pick<Caller, 'call'>, catalogue: Pick<Catalogue, 'list'>): RestRecords {
  async function read(module: Module, id: string): Promise<JsonObject> {
    const path = locate(module, id)
    const found = path && (await call({method: 'GET', path, read: true, action: `read ${module} ${id}`}))
    if (found === undefined) throw new HostError('RECORD_NOT_FOUND', {module, id})
    return requireObject(found, `its answer for ${module} ${id}`)
  }

  async function write(module: Module, id: string, body: JsonObject): Promise<void> {
    const path = locate(module, id)
    const action = `change ${module} ${id}`
    const done = path && (await call({method: 'POST', path, json: body, read: false, action}))
    if (done === undefined) throw new HostError('RECORD_NOT_FOUND', {module, id})
  }

  async function search(module: Module, query: RecordQuery): Promise<Page> {
    const fields = await catalogue.list(module)
    const {limit = DEFAULT_LIMIT, offset = 0} = query
    const path = `/api/v1/${MODULE_NAMES[module]}/search/byqual?offset=${offset}&size=${limit}&sort_by=-createdTime`
    const json = composeQualification(module, query, fields)
    const answer = await call({method: 'POST', path, json, read: true, action: `search for ${module}s`})
    const {objectList, totalCount} = requireObject(answer, 'its answer to a search')
    if (!Array.isArray(objectList))
      throw unavailable('its answer to a search has no objectList', {category: 'unavailable'})
    const records = objectList.filter(isObject).map(entry => fromVendor(module, entry, fields))
    const items = records.filter(record => fitsQuery(record, query, fields)).slice(0, limit)
    const whole = items.length === records.length && typeof totalCount === 'number'
    return {items, total: whole ? totalCount : offset + items.length}
  }

  return {
    read,
    write,
    search,
    async get(module, id) {
      try {
        const record = fromVendor(module, await read(module, id), await catalogue.list(module))
        return module === 'request' ? await completeRequester(record, search) : record
      } catch (error) {
        if (error instanceof HostError && error.code === 'RECORD_NOT_FOUND') return null
        throw error
      }
    },
    async create(module, given) {
      const action = `create the ${module}`
      const body = await translate(module, given, action, catalogue)
      if (module === 'asset') await refuseTakenName(body, search, action)
      const path = `/api/v1/${MODULE_NAMES[module]}`
      const json = module === 'asset' ? {type: assetClass(body.assetTypeName), ...body} : body
      const made = await call({method: 'POST', path, json, read: false, action})
      const {id} = requireObject(made, `its answer to a new ${module}`)
      if (id === undefined || id === null)
        throw unavailable(`it named no id for the new ${module}`, {category: 'unknown'})
      return String(id)
    },
    async update(module, id, given) {
      await write(module, id, await translate(module, given, `change ${module} ${id}`, catalogue))
    },
  }
}

async function translate(
  module: Module,
  given: JsonObject,
  action: string,
  catalogue: Pick<Catalogue, 'list'>,
): Promise<JsonObject> {
  const fields = await catalogue.list(module)
  return toVendor(module, readWrites(given, {module, fields, action, own: {}}), fields)
}

type Search = RestRecords['search']

/** The vendor's server takes a new asset with a known name for that asset, and would overwrite it. */
async function refuseTakenName({name}: JsonObject, search: Search, action: string): Promise<void> {
  if (typeof name !== 'string' || name === '') throw refused(action, 'a new asset needs a name')
  const {items} = await search('asset', {where: {name}, limit: 2})
  const [taken] = items
  if (taken) throw refused(action, `asset ${taken.id} has the name "${name}", and would be overwritten`)
}

/** A request tells name and address of its requester; the rest is in the requester's own record, where that can be read. */
async function completeRequester(request: MainRecord, search: Search): Promise<MainRecord> {
  const {requester} = request
  if (!isObject(requester) || typeof requester.email !== 'string' || requester.email === '') return request
  const found = await search('user', {where: {email: requester.email}, limit: 1}).catch(() => undefined)
  const person = found?.items[0]
  if (!person) return request
  const {name, email, phone, department, location} = person
  const known = {name: name || requester.name, email, phone, department, location}
  return {...request, requester: Object.fromEntries(Object.entries(known).map(([key, value]) => [key, value ?? '']))}
}

/** Ids are numbers there; anything else is the id of nothing. */
function locate(module: Module, id: string): string | undefined {
  return /^[1-9][0-9]{0,17}$/.test(id) ? `/api/v1/${MODULE_NAMES[module]}/${id}` : undefined
}

function requireObject(value: Json | undefined, what: string): JsonObject {
  if (isObject(value)) return value
  throw unavailable(`${what} is no JSON object`, {category: 'unavailable'})
}
