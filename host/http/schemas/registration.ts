import {Type} from 'typebox'
import type {Registration as RegistrationType, TestReport as TestReportType} from '../api.ts'
import {WireError} from './execution.ts'
import {AnyJson, AnyObject, describe, orNull, strict, Time} from './shape.ts'

const Name = Type.String({minLength: 1, maxLength: 200})

const Settings = Type.Unsafe<RegistrationType['settings']>({
  type: 'object',
  description: 'Limits and retries beyond the manifest: concurrency, throttle, lock, retry, notes',
})

export const Registration = describe<RegistrationType>()(
  Type.Object(
    {
      id: Type.String(),
      plugin: Type.String(),
      name: Type.String(),
      enabled: Type.Boolean(),
      config: Type.Unsafe<RegistrationType['config']>({
        type: 'object',
        description: 'Secrets read as ••••••; sent back, that means "unchanged"',
      }),
      draft: Type.Boolean({description: 'Its configuration is incomplete'}),
      notes: Type.String(),
      settings: Settings,
      problems: Type.Array(Type.Object({pointer: Type.String(), message: Type.String()})),
      createdAt: Time,
      updatedAt: Time,
    },
    {$id: 'Registration'},
  ),
)

export const RegistrationCreate = strict({
  plugin: Type.String({minLength: 1, maxLength: 200}),
  name: Name,
  id: Type.Optional(Type.String({minLength: 1, maxLength: 200, description: 'Made up when left out'})),
  config: Type.Optional(AnyObject),
  enabled: Type.Optional(Type.Boolean()),
})

export const RegistrationChange = strict({
  name: Type.Optional(Name),
  config: Type.Optional(AnyObject),
  enabled: Type.Optional(Type.Boolean()),
})

export const TestRequest = strict({
  config: Type.Optional(AnyObject),
})

export const TestReport = describe<TestReportType>()(
  Type.Object(
    {
      ok: Type.Boolean(),
      stages: Type.Array(
        Type.Object({
          name: Type.String(),
          ok: Type.Boolean(),
          durationMs: Type.Number(),
          message: Type.Optional(Type.String()),
        }),
      ),
      error: orNull(WireError),
      durationMs: Type.Number(),
    },
    {$id: 'TestReport'},
  ),
)

export const OptionsRequest = strict({
  search: Type.Optional(Type.String({maxLength: 1000})),
  values: Type.Optional(AnyObject),
})

export const OptionsAnswer = Type.Object(
  {
    options: Type.Array(Type.Object({value: AnyJson, label: Type.String()})),
    more: Type.Boolean({description: 'There are more than were listed: search on'}),
  },
  {$id: 'Options'},
)
