import {type TUnsafe, Type} from 'typebox'
import type {AppliedEffect as AppliedEffectType, Execution as ExecutionType, Outcome as OutcomeType} from '../api.ts'
import {AnyJson, AnyObject, describe, oneOf, orNull, Time} from './shape.ts'

const CATEGORIES = [
  'config',
  'auth',
  'input',
  'network',
  'rateLimit',
  'unavailable',
  'business',
  'bug',
  'unknown',
] as const
export const MODES = ['live', 'dryRun', 'test'] as const
const ENDED = ['succeeded', 'failed', 'timedOut', 'cancelled', 'unknown'] as const

export const WireError = describe<NonNullable<OutcomeType['error']>>()(
  Type.Object({
    code: Type.String(),
    category: oneOf(CATEGORIES),
    message: Type.String(),
    hint: Type.Optional(Type.String()),
    field: Type.Optional(Type.String({description: 'JSON pointer into the input or configuration'})),
    retryable: Type.Boolean(),
    retryAfterMs: Type.Optional(Type.Number()),
    stack: Type.Optional(Type.String()),
  }),
)

const AppliedEffect = describe<AppliedEffectType>()(
  Type.Object({
    effect: Type.Unsafe<AppliedEffectType['effect']>({type: 'object', required: ['op'], additionalProperties: true}),
    status: oneOf(['applied', 'shown', 'denied', 'failed']),
    result: Type.Optional(AnyObject),
    error: Type.Optional(WireError),
    from: Type.Optional(oneOf(['mapping', 'note'], 'Not asked for by the plugin')),
  }),
)

const FENCES = ['native', 'sealed', 'read', null] as const

const result = {
  execution: Type.String(),
  output: AnyJson,
  effects: Type.Array(AppliedEffect),
  message: Type.String(),
  error: orNull(WireError),
  attempts: Type.Integer(),
  durationMs: Type.Number(),
  fence: Type.Unsafe<OutcomeType['fence']>({
    enum: [...FENCES],
    description: 'How sure a dry run is to have changed nothing; null when it was none',
  }),
}

export const Outcome = describe<OutcomeType>()(Type.Object({...result, status: oneOf(ENDED)}, {$id: 'Outcome'}))

export const STATUSES = ['queued', 'running', 'retrying', ...ENDED] as const

export const Artifact = describe<ExecutionType['artifacts'][number]>()(
  Type.Object({name: Type.String(), type: Type.String(), bytes: Type.Integer()}),
)
const Try = describe<ExecutionType['tries'][number]>()(
  Type.Object({startedAt: Time, durationMs: Type.Number(), version: Type.String(), error: orNull(WireError)}),
)
export const MADE_BY = describe<NonNullable<ExecutionType['mapping']>>()(
  Type.Object({name: Type.String(), revision: Type.Integer()}),
)
const AskedBy = describe<NonNullable<ExecutionType['origin']>>()(
  Type.Object({kind: oneOf(['rule', 'schedule', 'scenario', 'replay']), id: Type.String()}),
)
export const Execution: TUnsafe<ExecutionType> = describe<ExecutionType>()(
  Type.Object(
    {
      ...result,
      status: oneOf(STATUSES),
      registration: Type.String(),
      plugin: Type.String(),
      version: Type.String(),
      action: Type.String(),
      mode: oneOf(MODES),
      by: Type.String(),
      input: AnyJson,
      startedAt: Time,
      endedAt: Type.Unsafe<number | null>({type: ['number', 'null']}),
      records: Type.Integer(),
      artifacts: Type.Array(Artifact),
      durable: Type.Boolean(),
      record: Type.Unsafe<string | null>({type: ['string', 'null'], description: 'The record it is about: request:12'}),
      mapping: orNull(MADE_BY),
      origin: orNull(AskedBy),
      tries: Type.Array(Try),
      nextAttemptAt: Type.Unsafe<number | null>({type: ['number', 'null']}),
    },
    {$id: 'Execution'},
  ),
)
