import type {Json, JsonObject} from '../../../runtime/protocol.ts'
import type {FieldInfo, FieldType, Module} from '../../record-types.ts'
import {composeCatalogue, OWN_KEY} from '../desk-catalogue.ts'
import {isObject} from './custom-values.ts'

/** Name of each module in the vendor's paths. */
export const MODULE_NAMES: {[module in Module]: string} = {request: 'request', asset: 'asset', user: 'requester'}

/** Kinds of the vendor's form fields that hold a value. Labels, sections and attachments hold none. */
const TYPES: {[kind: string]: FieldType} = {
  text: 'text',
  textinput: 'text',
  textarea: 'text',
  number: 'number',
  date: 'date',
  datetime: 'date',
  dropdown: 'choice',
  select: 'choice',
  radio: 'choice',
  checkbox: 'tags',
  boolean: 'boolean',
  switch: 'boolean',
}

/** The built-in fields as the vendor's server has them: its statuses and priorities can be added to, so none is listed here. */
export function listBuiltIn(module: Module): FieldInfo[] {
  return composeCatalogue(module, []).map(({choices: _, ...field}) =>
    field.type === 'choice' ? {...field, type: 'text', required: false} : field,
  )
}

/**
 * Custom fields of `GET /api/ususer/form/{module}`. How the answer is laid out differs between builds: the list is looked for
 * at the top and under any one key, a field's id, name and kind under the names that have been seen.
 */
export function parseForm(module: Module, answer: Json): FieldInfo[] {
  return findList(answer).flatMap(entry => {
    if (!isObject(entry)) return []
    const id = entry.id ?? entry.fieldId
    const label = firstText(entry, ['name', 'label', 'displayName'])
    const type =
      TYPES[(firstText(entry, ['inputType', 'fieldType', 'type']) ?? '').toLowerCase().replaceAll(/[^a-z]/g, '')]
    const isNumbered = typeof id === 'number' || (typeof id === 'string' && /^\d+$/.test(id))
    if (!isNumbered || label === undefined || type === undefined) return []
    const choices = readChoices(entry)
    return [
      {
        id: `cf:${id}`,
        label,
        type: type === 'choice' && choices.length === 0 ? 'text' : type,
        path: [OWN_KEY[module], label],
        required: entry.required === true,
        systemManaged: entry.systemManaged === true,
        readOnly: false,
        ...(type === 'choice' && choices.length > 0 && {choices}),
      } satisfies FieldInfo,
    ]
  })
}

function findList(answer: Json): Json[] {
  if (Array.isArray(answer)) return answer
  if (!isObject(answer)) return []
  return Object.values(answer).find(value => Array.isArray(value)) ?? []
}

function readChoices(entry: JsonObject): string[] {
  const list = [entry.options, entry.choices, entry.values].find(value => Array.isArray(value)) ?? []
  return list.flatMap(choice => {
    const text = isObject(choice) ? firstText(choice, ['value', 'name', 'label']) : choice
    return typeof text === 'string' && text !== '' ? [text] : []
  })
}

function firstText(entry: JsonObject, names: readonly string[]): string | undefined {
  return names.map(name => entry[name]).find((value): value is string => typeof value === 'string' && value !== '')
}
