import type {Json, JsonObject} from '../../../runtime/protocol.ts'
import type {FieldInfo, MainRecord, Module, RecordQuery} from '../../record-types.ts'
import {findFields} from '../desk-catalogue.ts'
import {isObject} from '../desk-changes.ts'
import {nameOf} from './convert.ts'

/** The vendor's form of a search: all of the conditions hold. Only what it can be asked by is in it; words are those of the subject or name. */
export function composeQualification(module: Module, query: RecordQuery, fields: readonly FieldInfo[]): JsonObject {
  const exact = Object.entries(query.where ?? {}).flatMap(([given, value]) => {
    const name = nameOf(module, findFields(fields, given)[0]?.id ?? given)
    return name === undefined || typeof value === 'object' ? [] : [relate(name, 'equal', value)]
  })
  const words = splitWords(query.text).map(word => relate(module === 'request' ? 'subject' : 'name', 'contains', word))
  return {qualDetails: {type: 'FlatQualificationRest', quals: [...exact, ...words]}}
}

function relate(key: string, operator: string, value: Json): JsonObject {
  return {
    type: 'RelationalQualificationRest',
    leftOperand: {type: 'DbOperandRest', key},
    operator,
    rightOperand: {type: 'ValueOperandRest', value: toOperand(key, value)},
  }
}

function toOperand(key: string, value: Json): JsonObject {
  if (key === 'id') return {type: 'LongValueRest', value: Number(value)}
  if (typeof value === 'boolean') return {type: 'BooleanValueRest', value}
  return typeof value === 'number' ? {type: 'LongValueRest', value} : {type: 'StringValueRest', value}
}

/** Holds an answer to the query again: a build that does not understand a condition gives back more than it was asked for. */
export function fitsQuery(record: MainRecord, query: RecordQuery, fields: readonly FieldInfo[]): boolean {
  const isExact = Object.entries(query.where ?? {}).every(([given, value]) => {
    const path = findFields(fields, given)[0]?.path ?? [given]
    return JSON.stringify(readPath(record, path)) === JSON.stringify(value)
  })
  const texts = listTexts(record).join('\n').toLowerCase()
  return isExact && splitWords(query.text).every(word => texts.includes(word.toLowerCase()))
}

function splitWords(text = ''): string[] {
  return text.split(/\s+/).filter(Boolean)
}

function readPath(record: MainRecord, path: readonly string[]): Json {
  return path.reduce<Json>((node, key) => (isObject(node) ? (node[key] ?? null) : null), record)
}

function listTexts(value: Json): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listTexts) : []
}
