import {Type} from 'typebox'
import type {Schedule as ScheduleType} from '../api.ts'
import {AnyJson, describe, oneOf, orNull, strict, TextOrNull, Time, TimeOrNull} from './shape.ts'

const STATUSES = [
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
] as const satisfies readonly ScheduleType['lastStatus'][]

const Name = Type.String({minLength: 1, maxLength: 200})
const Cron = Type.String({minLength: 1, maxLength: 200, description: 'Five fields, or six with seconds first'})
const TimeZone = Type.String({minLength: 1, maxLength: 100, description: 'IANA name: Europe/Berlin'})
const CatchUp = oneOf(['one', 'none'], 'After a time of not running')
const Overlap = oneOf(['skip', 'queue'], 'While the run before has not ended')
const Jitter = Type.Integer({minimum: 0, maximum: 3_600_000, description: 'Longest random wait, milliseconds'})

export const Schedule = describe<ScheduleType>()(
  Type.Object(
    {
      id: Type.String(),
      name: Type.String(),
      registration: Type.String(),
      action: Type.String(),
      input: AnyJson,
      cron: Type.String(),
      timeZone: Type.String(),
      enabled: Type.Boolean(),
      catchUp: CatchUp,
      overlap: Overlap,
      jitterMs: Type.Number(),
      nextAt: TimeOrNull,
      lastAt: TimeOrNull,
      lastExecution: TextOrNull,
      lastStatus: orNull(oneOf(STATUSES)),
      lastMessage: Type.String(),
      createdAt: Time,
      updatedAt: Time,
    },
    {$id: 'Schedule'},
  ),
)

const TARGET = {
  registration: Type.String({minLength: 1, maxLength: 200}),
  action: Type.String({minLength: 1, maxLength: 200}),
}

export const ScheduleCreate = strict({
  id: Type.Optional(Type.String({minLength: 1, maxLength: 100, description: 'Made up when left out'})),
  name: Name,
  ...TARGET,
  input: Type.Optional(AnyJson),
  cron: Cron,
  timeZone: TimeZone,
  enabled: Type.Optional(Type.Boolean()),
  catchUp: Type.Optional(CatchUp),
  overlap: Type.Optional(Overlap),
  jitterMs: Type.Optional(Jitter),
})

export const ScheduleChange = strict({
  name: Type.Optional(Name),
  registration: Type.Optional(TARGET.registration),
  action: Type.Optional(TARGET.action),
  input: Type.Optional(AnyJson),
  cron: Type.Optional(Cron),
  timeZone: Type.Optional(TimeZone),
  enabled: Type.Optional(Type.Boolean()),
  catchUp: Type.Optional(CatchUp),
  overlap: Type.Optional(Overlap),
  jitterMs: Type.Optional(Jitter),
})

export const PreviewRequest = strict({
  cron: Cron,
  timeZone: TimeZone,
  from: Type.Optional(Type.Integer({minimum: 0, maximum: 8_000_000_000_000, description: 'Now when left out'})),
  count: Type.Optional(Type.Integer({minimum: 1, maximum: 1000, description: '5 when left out'})),
})

export const Preview = Type.Object({times: Type.Array(Time)}, {$id: 'SchedulePreview'})
