import {Type} from 'typebox'
import type {
  Condition,
  Json,
  JsonObject,
  MappingDefinition as MappingDefinitionType,
  MappingPreview as MappingPreviewType,
  MappingProblem as MappingProblemType,
  Mapping as MappingType,
  MissingPolicy,
  Module,
  OutputRow,
  PreviewRow as PreviewRowType,
  ValueTable,
} from '../api.ts'
import {MODULE_NAMES} from './record.ts'
import {AnyJson, AnyObject, describe, oneOf, orNull, strict, Time} from './shape.ts'

const Missing = Type.Unsafe<MissingPolicy>({
  description: 'error for a required parameter, omit for any other, when left out',
  anyOf: [
    {type: 'string', enum: ['error', 'omit', 'empty', 'keep']},
    {type: 'object', required: ['default'], properties: {default: {type: 'string'}}, additionalProperties: false},
  ],
})
/** Groups in groups: the host walks it, to a bounded depth. */
const When = Type.Unsafe<Condition>({
  title: 'Condition',
  type: 'object',
  description: '{all: [...]}, {any: [...]} or {field, is, value}; see docs/workflow.md',
})

const Row = strict({
  target: Type.String({minLength: 1, maxLength: 1000, description: 'Parameter; names joined by dots lead into it'}),
  template: Type.String({maxLength: 100_000, description: 'Text and placeholders such as {#Subject|upper}'}),
  when: Type.Optional(When),
  missing: Type.Optional(Missing),
  allowRaw: Type.Optional(Type.Boolean({description: 'Allows |raw: values that are not escaped'})),
})
const Output = Type.Unsafe<OutputRow>(
  strict({
    source: Type.String({minLength: 1, maxLength: 1000, description: 'output.dn, message, status, error.message'}),
    field: Type.String({minLength: 1, maxLength: 200, description: 'Id or label of the field it is written to'}),
    when: Type.Optional(oneOf(['succeeded', 'failed', 'always'], 'succeeded when left out')),
  }),
)
const Tables = Type.Unsafe<{[key: string]: ValueTable}>({
  type: 'object',
  maxProperties: 100,
  description: 'By the key that |map:<key> names',
  additionalProperties: {
    type: 'object',
    required: ['rows'],
    additionalProperties: false,
    properties: {
      rows: {
        type: 'array',
        maxItems: 5000,
        items: {
          type: 'object',
          required: ['from', 'to'],
          additionalProperties: false,
          properties: {from: {}, to: {}},
        },
      },
      unmatched: {
        description: 'Of a value that no row names; error when left out',
        anyOf: [
          {type: 'string', enum: ['error', 'pass']},
          {type: 'object', required: ['default'], additionalProperties: false, properties: {default: {}}},
        ],
      },
    },
  },
})

const ModuleOf = Type.Unsafe<Module>({type: 'string', enum: [...MODULE_NAMES], description: 'request when left out'})
const definition = {
  action: Type.String({minLength: 1, maxLength: 200}),
  rows: Type.Array(Type.Unsafe<MappingDefinitionType['rows'][number]>(Row), {maxItems: 500}),
}

export const MappingDefinition = Type.Unsafe<MappingDefinitionType>(
  strict({
    ...definition,
    module: Type.Optional(ModuleOf),
    output: Type.Optional(Type.Array(Output, {maxItems: 100})),
    tables: Type.Optional(Tables),
  }),
)

const MappingProblem = describe<MappingProblemType>()(
  Type.Object({
    pointer: Type.String({description: 'JSON pointer into the mapping'}),
    at: orNull(
      Type.Unsafe<number>({type: 'integer', description: 'First character of the fault in the template, from 0'}),
    ),
    code: Type.String(),
    message: Type.String(),
    remedy: Type.String(),
    severity: oneOf(['error', 'warning']),
  }),
)

export const Mapping = describe<MappingType>()(
  Type.Object(
    {
      ...definition,
      registration: Type.String(),
      name: Type.String(),
      module: ModuleOf,
      output: Type.Array(Output),
      tables: Tables,
      revision: Type.Integer({description: 'Counts up with each change'}),
      savedAt: Time,
      savedBy: Type.String(),
      problems: Type.Array(MappingProblem, {description: 'What is wrong with it now'}),
    },
    {$id: 'Mapping'},
  ),
)

const PreviewRow = describe<PreviewRowType>()(
  Type.Object({
    target: Type.String(),
    template: Type.String(),
    status: oneOf(['set', 'omitted', 'skipped', 'error'], 'skipped: its condition does not fit'),
    values: Type.Array(
      Type.Object({reference: Type.String(), label: Type.String(), value: AnyJson, missing: Type.Boolean()}),
    ),
    resolved: AnyJson,
    escaped: AnyJson,
    coerced: AnyJson,
    context: Type.Unsafe<string | null>({anyOf: [{type: 'string'}, {type: 'null'}]}),
    problem: orNull(MappingProblem),
  }),
)

export const MappingPreview = describe<MappingPreviewType>()(
  Type.Object(
    {
      ok: Type.Boolean(),
      rows: Type.Array(PreviewRow),
      input: Type.Unsafe<Json>({description: 'What execute would be given; secrets masked'}),
      problems: Type.Array(MappingProblem),
      missing: Type.Array(Type.String(), {description: 'References without a value'}),
    },
    {$id: 'MappingPreview'},
  ),
)

export const PreviewAsk = strict({
  registration: Type.String({minLength: 1, maxLength: 200}),
  mapping: Type.Unsafe<string | MappingDefinitionType>({
    description: 'Name of a saved mapping, or a mapping',
    anyOf: [{type: 'string', minLength: 1, maxLength: 200}, MappingDefinition],
  }),
  record: Type.Unsafe<string | JsonObject>({
    description: 'Id, as 12 or request:12, or a record',
    anyOf: [{type: 'string', minLength: 1, maxLength: 600}, AnyObject],
  }),
  old: Type.Optional({...AnyObject, description: 'The record as it was'}),
})
