import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {CERTAIN, expandSchemas, isObject, itemSchemas, propertySchemas} from '../expand-schemas.ts'
import type {JsonSchema} from '../manifest.ts'
import {checkHeader, cleanSms, doubleQuotes, ESCAPES, escapeJsonText, guardFormula} from './escape.ts'
import {ValueFailure} from './failure.ts'
import {toText} from './filter-types.ts'
import type {Place} from './places.ts'

/** Where a text ends up, as `x-fp-context` says it, and what is done to what is put in. */
export const CONTEXTS: {[name: string]: {summary: string; escape: (value: Json, place: Place) => string}} = {
  'ldap-dn': {summary: 'a distinguished name: each value as one of its values (RFC 4514)', escape: ofText(ESCAPES.dn)},
  'ldap-rdn': {summary: 'a value of a distinguished name (RFC 4514)', escape: ofText(ESCAPES.dn)},
  'ldap-filter': {
    summary: 'an LDAP filter: each value as one of its values (RFC 4515)',
    escape: ofText(ESCAPES.ldapfilter),
  },
  'ldap-value': {summary: 'an attribute of an entry: as it is', escape: ofText(text => text)},
  url: {summary: 'a URL: each value percent-encoded; a path segment . or .. is refused', escape: ofText(escapeUrlPart)},
  header: {
    summary: 'a header: line breaks, control characters and what is not Latin-1 are refused',
    escape: ofText(checkHeader),
  },
  json: {summary: 'a JSON text: within quotes as their content, elsewhere as a whole value', escape: escapeJson},
  html: {summary: 'HTML text, or an attribute in quotes', escape: ofText(ESCAPES.html)},
  csv: {summary: "a line of CSV: quoted where needed, formulas disarmed by a leading '", escape: escapeCsv},
  sms: {summary: 'a short message: control characters taken out', escape: ofText(cleanSms)},
}

/** The filter that does by hand what a context does by itself. */
export const FILTER_OF_CONTEXT: {[context: string]: string[]} = {
  'ldap-dn': ['dn', 'rdn'],
  'ldap-rdn': ['dn', 'rdn'],
  'ldap-filter': ['ldapfilter'],
  url: ['url'],
  html: ['html'],
}

function ofText(change: (text: string, place: Place) => string): (value: Json, place: Place) => string {
  return (value, place) => change(toText(value), place)
}

function escapeUrlPart(text: string, {isQuery}: Place): string {
  if (!isQuery && (text === '.' || text === '..')) {
    throw new ValueFailure('VALUE_REFUSED', `"${text}" as a part of a path leads elsewhere`, 'Correct the value')
  }
  return ESCAPES.url(text)
}

function escapeJson(value: Json, {isQuoted}: Place): string {
  return isQuoted ? escapeJsonText(toText(value)) : JSON.stringify(value).toWellFormed()
}

function escapeCsv(value: Json, {isQuoted, startsCell}: Place): string {
  if (typeof value === 'number') return String(value)
  const text = toText(value)
  if (!isQuoted) return ESCAPES.csv(text)
  return doubleQuotes(startsCell ? guardFormula(text) : text)
}

const ALONE: Place = {isQuoted: false, isQuery: false, startsCell: true, isWholeCell: true}

/** Escapes the texts within a list or an object, each by the context of its own place. Raw ones cannot end a header either. */
export function escapeWithin(value: Json, schemas: readonly Json[], root: JsonSchema, isRaw: boolean): Json {
  return namesContext(root) ? escapeTexts(value, schemas, root, isRaw) : value
}

const namingContexts = new WeakMap<JsonSchema, boolean>()

/** Most inputs name no context at all: then there is nothing to look for in a value. Looked up once for each schema. */
function namesContext(root: JsonSchema): boolean {
  const known = namingContexts.get(root)
  if (known !== undefined) return known
  let found = false
  const waiting: Json[] = [root]
  for (let node = waiting.pop(); node !== undefined && !found; node = waiting.pop()) {
    if (typeof node !== 'object' || node === null) continue
    found = Object.hasOwn(node, 'x-fp-context')
    waiting.push(...Object.values(node))
  }
  namingContexts.set(root, found)
  return found
}

function escapeTexts(value: Json, schemas: readonly Json[], root: JsonSchema, isRaw: boolean): Json {
  const certain = expandSchemas(schemas, root, CERTAIN)
  const escapeChild = (child: Json, choose: (schema: JsonObject) => Json[]): Json =>
    escapeTexts(child, certain.flatMap(choose), root, isRaw)
  if (Array.isArray(value)) return value.map((item, index) => escapeChild(item, schema => itemSchemas(schema, index)))
  if (isObject(value)) {
    const entries = Object.entries(value)
    return Object.fromEntries(
      entries.map(([key, child]) => [key, escapeChild(child, each => propertySchemas(each, key))]),
    )
  }
  const context = certain.map(schema => schema['x-fp-context']).find(name => typeof name === 'string')
  if (typeof value !== 'string' || context === undefined || (isRaw && context !== 'header')) return value
  return CONTEXTS[context]?.escape(value, ALONE) ?? value
}
