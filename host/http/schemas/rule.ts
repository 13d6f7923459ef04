import {Type} from 'typebox'
import type {
  Condition,
  Json,
  MainEvent,
  MappingRow,
  RuleTest as RuleTestType,
  RuleTrigger,
  Rule as RuleType,
} from '../api.ts'
import {describe, oneOf, orNull, strict, Time, TimeOrNull} from './shape.ts'

const Name = Type.String({minLength: 1, maxLength: 200})
/** Groups in groups: the host walks it, to a bounded depth. */
const ConditionSchema = Type.Unsafe<Condition>({
  title: 'Condition',
  type: 'object',
  description: '{all: [...]}, {any: [...]} or {field, is, value}; see docs/workflow.md',
})
const Trigger = Type.Unsafe<RuleTrigger>({
  title: 'RuleTrigger',
  type: 'object',
  required: ['kind'],
  properties: {kind: {type: 'string', enum: ['event', 'period', 'scenario']}},
  description:
    '{kind: event, events}, {kind: period, cron, timeZone, module, where, limit} or {kind: scenario, module}',
})
const Problems = Type.Array(Type.Object({pointer: Type.String(), message: Type.String()}))

const Action = strict({
  key: Type.String({minLength: 1, maxLength: 50, description: 'Later steps read steps.<key>.output'}),
  registration: Type.String({minLength: 1, maxLength: 200}),
  action: Type.String({minLength: 1, maxLength: 200}),
  mapping: Type.Optional(
    Type.String({minLength: 1, maxLength: 200, description: 'Name of a saved mapping; else rows'}),
  ),
  rows: Type.Optional(Type.Array(Type.Unsafe<MappingRow>({title: 'MappingRow', type: 'object'}), {maxItems: 500})),
  when: Type.Optional(ConditionSchema),
  onFailure: Type.Optional(oneOf(['stop', 'continue'])),
  mode: Type.Optional(oneOf(['live', 'dryRun', 'test'])),
})

export const Rule = describe<RuleType>()(
  Type.Object(
    {
      id: Type.String(),
      name: Type.String(),
      enabled: Type.Boolean(),
      trigger: Trigger,
      when: orNull(ConditionSchema),
      actions: Type.Array(Action),
      position: Type.Integer({description: 'Rules of one event start in this order'}),
      createdAt: Time,
      updatedAt: Time,
      nextAt: TimeOrNull,
      lastAt: TimeOrNull,
      problems: Problems,
    },
    {$id: 'Rule'},
  ),
)

export const RuleCreate = strict({
  id: Type.Optional(Type.String({minLength: 1, maxLength: 100, description: 'Made up when left out'})),
  name: Name,
  enabled: Type.Optional(Type.Boolean()),
  trigger: Trigger,
  when: Type.Optional(orNull(ConditionSchema)),
  actions: Type.Array(Action, {minItems: 1, maxItems: 50}),
})

export const RuleChange = strict({
  name: Type.Optional(Name),
  enabled: Type.Optional(Type.Boolean()),
  trigger: Type.Optional(Trigger),
  when: Type.Optional(orNull(ConditionSchema)),
  actions: Type.Optional(Type.Array(Action, {minItems: 1, maxItems: 50})),
  position: Type.Optional(Type.Integer({minimum: 1, description: 'Moves it there; the others move around it'})),
})

export const RuleTestRequest = strict({
  event: Type.Unsafe<string | MainEvent>({
    type: ['string', 'object'],
    description: 'Id of a past event, or one by hand',
  }),
})

export const RuleTest = describe<RuleTestType>()(
  Type.Object(
    {
      fits: Type.Boolean(),
      explained: Type.Array(Type.Object({text: Type.String(), fits: Type.Boolean()})),
      steps: Type.Array(
        Type.Object({
          key: Type.String(),
          fits: Type.Boolean(),
          input: Type.Unsafe<Json>({description: 'What it would be given, secrets masked'}),
          problems: Problems,
        }),
      ),
    },
    {$id: 'RuleTest'},
  ),
)

export const ScenarioRequest = strict({
  record: Type.String({minLength: 1, maxLength: 200, description: 'Id of the record: 12 or request:12'}),
})
