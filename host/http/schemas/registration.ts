import {Type} from 'typebox'
import type {Registration as RegistrationType, TestReport as TestReportType} from '../api.ts'
import {WireError} from './execution.ts'
import {AnyJson, AnyObject, describe, orNull, strict, Time} from './shape.ts'

const Name = Type.String({minLength: 1, maxLength: 200})

/** The host tells what is wrong with them, by their places: HTTP only describes them. */
const Settings = Type.Unsafe<RegistrationType['settings']>({
  title: 'RegistrationSettings',
  type: 'object',
  additionalProperties: true,
  description: 'Limits and retries beyond the manifest: concurrency, throttle, lock, retry, notes (docs/operations.md)',
})
const Notes = Type.String({maxLength: 10_000, description: 'For people'})
const Draft = Type.Boolean({description: 'true keeps a configuration that is incomplete; it stays off until it fits'})

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
      draft: Type.Boolean({description: 'Its configuration is incomplete: it is off'}),
      notes: Type.String(),
      settings: Settings,
      problems: Type.Array(
        Type.Object({
          pointer: Type.String({description: 'JSON pointer into the configuration'}),
          message: Type.String(),
        }),
        {description: 'What is wrong with the configuration now, or soon will be; empty when it fits'},
      ),
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
  draft: Type.Optional(Draft),
  notes: Type.Optional(Notes),
  settings: Type.Optional(Settings),
})

export const RegistrationChange = strict({
  name: Type.Optional(Name),
  config: Type.Optional(AnyObject),
  enabled: Type.Optional(Type.Boolean({description: 'true needs a configuration that fits'})),
  draft: Type.Optional(Draft),
  notes: Type.Optional(Notes),
  settings: Type.Optional(Settings),
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
