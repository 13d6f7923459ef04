import {Type} from 'typebox'
import type {EventResult as EventResultType, RuleRun as RuleRunType, StoredEvent as StoredEventType} from '../api.ts'
import {ModuleName} from './record.ts'
import {AnyObject, describe, oneOf, orNull, refer, strict, TextOrNull, Time, TimeOrNull} from './shape.ts'

const STEP_STATUSES = [
  'waiting',
  'skipped',
  'refused',
  'queued',
  'running',
  'retrying',
  'succeeded',
  'failed',
  'timedOut',
  'cancelled',
  'unknown',
] as const satisfies readonly RuleRunType['steps'][number]['status'][]

export const RuleRun = describe<RuleRunType>()(
  Type.Object(
    {
      id: Type.String(),
      rule: Type.String(),
      ruleName: Type.String(),
      event: TextOrNull,
      record: TextOrNull,
      status: oneOf(['running', 'succeeded', 'failed'], 'failed when one of its steps has failed'),
      steps: Type.Array(
        Type.Object({
          key: Type.String(),
          status: oneOf(STEP_STATUSES),
          execution: TextOrNull,
          message: Type.String(),
        }),
      ),
      by: Type.String(),
      startedAt: Time,
      endedAt: TimeOrNull,
    },
    {$id: 'RuleRun'},
  ),
)

export const StoredEvent = describe<StoredEventType>()(
  Type.Object(
    {
      id: Type.String(),
      type: Type.String(),
      module: ModuleName,
      record: AnyObject,
      old: orNull(AnyObject),
      at: Time,
      by: Type.String(),
      runs: Type.Array(Type.String(), {description: 'Ids of the runs of rules it started'}),
    },
    {$id: 'StoredEvent'},
  ),
)

export const EventResult = describe<EventResultType>()(
  Type.Object(
    {
      event: Type.String(),
      duplicate: Type.Boolean({description: 'It had come before; runs are those of the first time'}),
      runs: Type.Array(refer<RuleRunType>('RuleRun')),
    },
    {$id: 'EventResult'},
  ),
)

/** Of an event that is sent, or given to test a rule with. */
export const EventBody = strict({
  id: Type.Optional(Type.String({minLength: 1, maxLength: 200, description: 'Yours: the same one is processed once'})),
  type: Type.String({minLength: 1, maxLength: 100, description: 'request.created, or any name'}),
  module: Type.Optional(ModuleName),
  record: AnyObject,
  old: Type.Optional(AnyObject),
})

export const EventQuery = strict({
  type: Type.Optional(Type.String({maxLength: 100, description: 'Only those of this type'})),
  limit: Type.Optional(Type.Integer({minimum: 1, maximum: 1000, description: 'How many; 100 when left out'})),
  before: Type.Optional(Type.String({maxLength: 200, description: 'Those that came before this event'})),
})
