import {Type} from 'typebox'
import type {ExecutionFilter, ExplainedInput as ExplainedInputType} from '../api.ts'
import {MADE_BY, MODES, STATUSES} from './execution.ts'
import {AnyJson, describe, oneOf, orNull, strict} from './shape.ts'

export const ExecutionParams = Type.Object({eid: Type.String({minLength: 1, description: 'Execution id'})})

const filters = {
  plugin: Type.Optional(Type.String()),
  registration: Type.Optional(Type.String()),
  action: Type.Optional(Type.String()),
  status: Type.Optional(oneOf(STATUSES)),
  mode: Type.Optional(oneOf(MODES)),
  by: Type.Optional(Type.String({description: 'Who asked'})),
  record: Type.Optional(Type.String({description: 'About this record: request:12'})),
  since: Type.Optional(Type.Number({minimum: 0, description: 'Started at or after; milliseconds since 1970'})),
  until: Type.Optional(Type.Number({minimum: 0, description: 'Started before; milliseconds since 1970'})),
  limit: Type.Optional(Type.Integer({minimum: 1, maximum: 1000, description: '100 when left out'})),
  before: Type.Optional(Type.String({description: 'Executions older than this id: `next` of the answer before'})),
} satisfies {[name in keyof Required<ExecutionFilter>]: unknown}

export const ExecutionQuery = strict(filters)

export const ExplainedInput = describe<ExplainedInputType>()(
  Type.Object(
    {
      mapping: orNull(MADE_BY),
      rows: Type.Array(
        Type.Object({
          target: Type.String({description: 'Where in the input'}),
          configured: Type.Unsafe<string | null>({
            type: ['string', 'null'],
            description: 'The template of the mapping; null for a value that comes from elsewhere',
          }),
          used: AnyJson,
        }),
      ),
    },
    {$id: 'ExplainedInput'},
  ),
)

export const ReplayBody = strict({mode: Type.Optional(oneOf(MODES, 'As before when left out'))})

/** One of the two. */
export const RetryBody = strict({
  executions: Type.Optional(Type.Array(Type.String({minLength: 1}), {minItems: 1, maxItems: 1000})),
  filter: Type.Optional(strict(filters)),
})

export const RetryAnswer = Type.Object({
  retried: Type.Array(
    Type.Object({execution: Type.String(), as: Type.String({description: 'Id of the new execution'})}),
  ),
  refused: Type.Array(Type.Object({execution: Type.String(), reason: Type.String()})),
})
