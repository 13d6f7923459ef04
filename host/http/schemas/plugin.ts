import {Type} from 'typebox'
import type {
  InstallResult as InstallResultType,
  LogLine as LogLineType,
  PluginDetail as PluginDetailType,
  PluginState,
  PluginSummary as PluginSummaryType,
  ProcessFacts as ProcessFactsType,
} from '../api.ts'
import {AnyObject, describe, oneOf, orNull, Time} from './shape.ts'

const STATES = ['stopped', 'starting', 'running', 'waiting', 'parked', 'draining', 'disabled'] as const

const State = Type.Unsafe<PluginState>({
  type: 'object',
  description:
    'By name: running and draining since, starting attempt, waiting and parked retryAt; lastExit where one is known',
  required: ['name'],
  properties: {
    name: {type: 'string', enum: STATES},
    since: Time,
    attempt: {type: 'integer'},
    probes: {type: 'integer'},
    retryAt: Time,
    lastExit: {type: 'object', additionalProperties: true},
  },
})

const ProcessFacts = describe<ProcessFactsType>()(
  Type.Object({
    pid: Type.Integer(),
    version: Type.String(),
    startedAt: Time,
    readyMs: Type.Number(),
    rssBytes: Type.Number(),
    heapBytes: Type.Number(),
    lagMs: Type.Number(),
    inFlight: Type.Integer(),
    isolation: Type.Literal(0),
  }),
)

const summary = {
  id: Type.String(),
  name: Type.String(),
  summary: Type.String(),
  kinds: Type.Array(Type.String()),
  version: Type.Unsafe<string | null>({type: ['string', 'null']}),
  enabled: Type.Boolean(),
  state: State,
  restarts: Type.Integer(),
  queued: Type.Integer(),
  process: orNull(ProcessFacts),
}

export const PluginSummary = describe<PluginSummaryType>()(Type.Object(summary, {$id: 'PluginSummary'}))

export const PluginDetail = describe<PluginDetailType>()(
  Type.Object(
    {
      ...summary,
      manifest: Type.Unsafe<PluginDetailType['manifest']>({type: 'object', description: 'plugin.json of the bundle'}),
      versions: Type.Array(
        Type.Object({
          version: Type.String(),
          digest: Type.String({description: 'SHA-256 of the bundle, hex'}),
          installedAt: Time,
          active: Type.Boolean(),
        }),
      ),
      permissions: Type.Unsafe<PluginDetailType['permissions']>({type: 'object', description: 'What was granted'}),
      allowed: Type.Array(Type.String(), {description: 'What the process may do, in words'}),
    },
    {$id: 'PluginDetail'},
  ),
)

export const InstallResult = describe<InstallResultType>()(
  Type.Object(
    {
      id: Type.String(),
      version: Type.String(),
      digest: Type.String({description: 'SHA-256 of the bundle, hex'}),
      created: Type.Boolean({description: 'False when these very bytes were installed already'}),
      activated: Type.Boolean(),
      registration: Type.Unsafe<string | null>({type: ['string', 'null']}),
    },
    {$id: 'InstallResult'},
  ),
)

export const LogLine = describe<LogLineType>()(
  Type.Object(
    {
      at: Time,
      seq: Type.Integer(),
      plugin: Type.String(),
      version: Type.String(),
      source: oneOf(['stdout', 'stderr', 'plugin', 'host']),
      level: oneOf(['debug', 'info', 'warn', 'error']),
      message: Type.String(),
      fields: Type.Optional(AnyObject),
      execution: Type.Optional(Type.String()),
    },
    {$id: 'LogLine'},
  ),
)
