/** Public shapes of mappings: input parameter <- template over a record's fields, and output -> field. */
import type {Json, JsonObject} from '../runtime/protocol.ts'
import type {Module} from './record-types.ts'

export const OPERATORS = [
  'equal',
  'notEqual',
  'contains',
  'notContains',
  'startsWith',
  'less',
  'more',
  'empty',
  'notEmpty',
  'in',
  'changed',
  'changedTo',
] as const
export type Operator = (typeof OPERATORS)[number]

/** A group or a comparison. `field` is a reference of the mapping language: `Status`, `cf:35`, `requester.email`, `event.old.status`. */
export type Condition = {all: Condition[]} | {any: Condition[]} | {field: string; is: Operator; value?: Json}

/** What becomes of a row whose template has a missing value. `keep` leaves the parameter out of an update. */
export type MissingPolicy = 'error' | 'omit' | 'empty' | 'keep' | {default: string}

export interface MappingRow {
  /** Where in the input: a field's name, or several joined by `.`; a dot in a name is written `\.`. */
  target: string
  template: string
  when?: Condition
  /** `error` for a required parameter, `omit` for any other, when left out. */
  missing?: MissingPolicy
  /** The author of the mapping takes the blame for values that are not escaped (`|raw`). */
  allowRaw?: boolean
}

export interface OutputRow {
  /** Where in the outcome: `output.dn`, `message`, `status`, `error.message`. */
  source: string
  /** Id or label of the record's field it is written to. */
  field: string
  when?: 'succeeded' | 'failed' | 'always'
}

export interface ValueTable {
  rows: {from: Json; to: Json}[]
  /** Of a value that no row names. `error` when left out. */
  unmatched?: 'error' | 'pass' | {default: Json}
}

export interface MappingDefinition {
  action: string
  /** Of the records it is for; `request` when left out. */
  module?: Module
  rows: MappingRow[]
  output?: OutputRow[]
  /** By the key that `|map:<key>` names. */
  tables?: {[key: string]: ValueTable}
}

export interface Mapping extends Required<MappingDefinition> {
  registration: string
  /** Unique within its registration. */
  name: string
  /** Counts up with each save. */
  revision: number
  savedAt: number
  savedBy: string
  /** What is wrong with it now: the plugin's schema or the main server's fields may have changed since. */
  problems: MappingProblem[]
}

export interface MappingProblem {
  /** JSON pointer into the mapping: `/rows/2/template`. */
  pointer: string
  /** First character of the fault in the template, from 0; null when it is about the whole. */
  at: number | null
  code: string
  message: string
  /** What to do about it. */
  remedy: string
  severity: 'error' | 'warning'
}

/** How one row came to its value. Secrets read as the mask. */
export interface PreviewRow {
  target: string
  template: string
  status: 'set' | 'omitted' | 'skipped' | 'error'
  /** The references the template names and what each resolved to. */
  values: {reference: string; label: string; value: Json; missing: boolean}[]
  /** Before escaping and coercion. */
  resolved: Json
  /** After escaping. */
  escaped: Json
  /** After coercion: what the plugin gets. */
  coerced: Json
  /** The escaping that was applied, null for none. */
  context: string | null
  problem: MappingProblem | null
}

export interface MappingPreview {
  ok: boolean
  rows: PreviewRow[]
  /** What `execute` would be given; its secrets masked. */
  input: Json
  problems: MappingProblem[]
  /** References without a value in this record. */
  missing: string[]
}

/** What templates are rendered with. */
export interface MappingSource {
  /** The record as it is. */
  record: JsonObject
  /** As it was, for events. */
  old?: JsonObject
  /** Outputs of steps before this one, by their key. */
  steps?: {[key: string]: Json}
  /** Who asked. */
  user?: JsonObject
}

export interface MappingVerbs {
  listMappings(registration: string): Promise<Mapping[]>
  /** Throws MAPPING_NOT_FOUND. */
  getMapping(registration: string, name: string): Promise<Mapping>
  /** Throws MAPPING_INVALID with `details.problems` (MappingProblem) when a problem is an error. */
  saveMapping(registration: string, name: string, definition: MappingDefinition, by: string): Promise<Mapping>
  removeMapping(registration: string, name: string, by: string): Promise<void>
  /** Never throws for what is wrong with the mapping: that is in the answer. `record` is an id (`request:12`) or a whole record. */
  previewMapping(request: {
    registration: string
    mapping: string | MappingDefinition
    record: string | JsonObject
    old?: JsonObject
  }): Promise<MappingPreview>
}
