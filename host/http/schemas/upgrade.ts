import {Type} from 'typebox'
import type {
  BrokenMapping as BrokenMappingType,
  Rehearsal as RehearsalType,
  RehearsedExecution as RehearsedExecutionType,
  SchemaChange as SchemaChangeType,
  SwapReport as SwapReportType,
  UpgradeReport as UpgradeReportType,
} from '../api.ts'
import {AnyJson, describe, oneOf, orNull, refer} from './shape.ts'

const NameOrNull = Type.Unsafe<string | null>({type: ['string', 'null']})
const SomePermissions = Type.Unsafe<UpgradeReportType['permissions']['added']>({
  type: 'object',
  description: 'As in plugin.json: net, exec, workers, addons, hostApi, effects; only those that differ',
})

const SchemaChange = describe<SchemaChangeType>()(
  Type.Object({
    place: Type.String({description: '`config`, `actions/<name>/input` or `actions/<name>/output`'}),
    field: Type.String({description: 'JSON pointer; `*` is any item of a list'}),
    change: oneOf(['added', 'removed', 'required', 'optional', 'typeChanged', 'narrowed']),
    detail: Type.String(),
    breaking: Type.Boolean({description: 'What worked before may fail'}),
  }),
)

const BrokenMapping = describe<BrokenMappingType>()(
  Type.Object({
    registration: Type.String(),
    mapping: Type.String(),
    pointer: Type.String({description: 'JSON pointer into the mapping'}),
    message: Type.String(),
  }),
)

const RehearsedExecution = describe<RehearsedExecutionType>()(
  Type.Object({
    execution: Type.String(),
    registration: Type.String(),
    action: Type.String(),
    result: oneOf(['same', 'differs', 'failed', 'skipped']),
    differences: Type.Array(Type.Object({pointer: Type.String(), before: AnyJson, after: AnyJson}), {
      description: 'Where the answers differ: `/output/...`, `/effects/...`, `/message`; null where there is none',
    }),
    message: Type.String(),
  }),
)

const Rehearsal = describe<RehearsalType>()(
  Type.Object({
    asked: Type.Integer(),
    same: Type.Integer(),
    differs: Type.Integer(),
    failed: Type.Integer(),
    skipped: Type.Integer(),
    executions: Type.Array(RehearsedExecution),
  }),
)

export const UpgradeReport = describe<UpgradeReportType>()(
  Type.Object(
    {
      plugin: Type.String(),
      from: NameOrNull,
      to: Type.String(),
      permissions: Type.Object({added: SomePermissions, removed: SomePermissions, grows: Type.Boolean()}),
      actions: Type.Object({added: Type.Array(Type.String()), removed: Type.Array(Type.String())}),
      schemas: Type.Array(SchemaChange),
      registrations: Type.Array(
        Type.Object({
          registration: Type.String(),
          migrated: Type.Boolean(),
          ok: Type.Boolean({description: 'Its configuration fits, once migrated'}),
          breaks: Type.Boolean({description: 'It does not fit, and did before'}),
          problems: Type.Array(Type.String()),
        }),
      ),
      brokenMappings: Type.Array(BrokenMapping),
      brokenRules: Type.Array(Type.Object({rule: Type.String(), message: Type.String()})),
      ok: Type.Boolean({description: 'Nothing speaks against it but a consent'}),
      needsConsent: Type.Boolean({description: 'It asks for more than was agreed to'}),
      rehearsal: orNull(Rehearsal),
    },
    {$id: 'UpgradeReport'},
  ),
)

export const SwapReport = describe<SwapReportType>()(
  Type.Object(
    {
      plugin: Type.String(),
      from: NameOrNull,
      to: Type.String(),
      tookMs: Type.Number(),
      upgrade: orNull(refer<UpgradeReportType>('UpgradeReport')),
    },
    {$id: 'SwapReport', description: 'The version takes the calls; `upgrade` is what it changed'},
  ),
)
