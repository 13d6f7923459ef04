import type {Attachment, FieldInfo, MainRecord, Module, Note} from '../host/index.ts'
import type {Json, JsonObject} from '../runtime/protocol.ts'
import {clean} from './print.ts'
import {renderFacts, renderTable, renderTime} from './render-table.ts'

/** What a list shows of a record: heading, and the keys that lead to the value. */
const COLUMNS: {[module in Module]: [heading: string, ...path: string[]][]} = {
  request: [
    ['REQUEST', 'id'],
    ['STATUS', 'status'],
    ['PRIORITY', 'priority'],
    ['REQUESTER', 'requester', 'email'],
    ['SUBJECT', 'subject'],
  ],
  asset: [
    ['ASSET', 'id'],
    ['NAME', 'name'],
    ['TYPE', 'type'],
    ['STATUS', 'attributes', 'status'],
    ['SERIAL', 'attributes', 'serial'],
    ['USED BY', 'attributes', 'usedBy'],
  ],
  user: [
    ['USER', 'id'],
    ['NAME', 'name'],
    ['EMAIL', 'email'],
    ['PHONE', 'phone'],
    ['DEPARTMENT', 'department'],
    ['LOCATION', 'location'],
  ],
}
const TIMES = ['createdAt', 'updatedAt']

export function describeRecords(
  module: Module,
  {items, total}: {items: MainRecord[]; total: number},
  offset: number,
): string {
  const columns = COLUMNS[module]
  const rows = items.map(record => columns.map(([, ...path]) => read(record, path)))
  const heading = columns.map(([name]) => name)
  const table = renderTable(heading, rows, 'There is none')
  const shown = offset + items.length
  return shown < total ? `${table}\n${offset + 1} to ${shown} of ${total}: see more with --offset ${shown}` : table
}

export function describeRecord(record: MainRecord, notes: Note[], attachments: Attachment[]): string {
  const facts = renderFacts(Object.fromEntries(Object.entries(record).flatMap(([key, value]) => flatten(key, value))))
  const said = notes.map(
    note => `${renderTime(note.at)} ${clean(note.author)}${note.public ? ' (public)' : ''}: ${clean(note.text)}`,
  )
  const files = attachments.map(({name, type, bytes}) => `${clean(name)} (${clean(type)}, ${bytes} bytes)`)
  return [facts, ...head('notes', said), ...head('attachments', files)].join('\n')
}

export function describeFields(fields: FieldInfo[]): string {
  const rows = fields.map(field => [
    field.id,
    field.label,
    field.type,
    [
      field.required ? 'required' : '',
      field.readOnly ? 'read only' : '',
      field.systemManaged ? 'system managed' : '',
      field.choices?.join(', ') ?? '',
    ]
      .filter(Boolean)
      .join('; '),
  ])
  return renderTable(['FIELD', 'LABEL', 'TYPE', ''], rows, 'There is none')
}

function head(name: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ['', `${name}:`, ...lines.map(line => `  ${line}`)]
}

/** `requester.email`, `fields.Phone`: one line for each value. */
function flatten(name: string, value: Json): [string, unknown][] {
  if (TIMES.includes(name) && typeof value === 'number') return [[name, renderTime(value)]]
  if (!isObject(value)) return [[name, Array.isArray(value) ? JSON.stringify(value) : value]]
  return Object.entries(value).flatMap(([key, child]) => flatten(`${name}.${key}`, child))
}

function read(record: JsonObject, path: string[]): Json {
  return path.reduce<Json>((node, key) => (isObject(node) ? (node[key] ?? null) : null), record)
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
