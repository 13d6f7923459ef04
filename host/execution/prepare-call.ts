import type {Json, Mode} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import {ACTION_TIMEOUT_MS, type ActionSettings, isIdempotent} from '../manifest.ts'
import {refuseSeal} from '../refuse-seal.ts'
import type {RegistrationHead} from '../registry/registrations.ts'
import {formatProblems} from '../schema.ts'
import type {ExecuteRequest, Fence} from '../types.ts'
import {type ActionChecks, findChecks} from './action-checks.ts'
import type {ActiveVersion, ExecutorParts} from './types.ts'

const LONGEST_KEY = 255

/** A request found to be in order: nothing has been sent yet. */
export interface PreparedCall {
  registration: RegistrationHead
  active: ActiveVersion
  name: string
  action: ActionSettings
  checks: ActionChecks
  /** Defaults filled in. */
  input: Json
  mode: Mode
  timeoutMs: number
  /** Doing it twice does no harm. */
  repeatable: boolean
  /** It changes nothing outside. */
  readOnly: boolean
  /** Of a dry run. */
  fence: Fence | null
}

type Parts = Pick<ExecutorParts, 'findRegistration' | 'findManifest' | 'requireFit' | 'config'>

/** Throws the HostError that says why this cannot be executed. */
export function prepareCall(request: ExecuteRequest, parts: Parts): PreparedCall {
  const {findRegistration, findManifest, config} = parts
  const {registration: id, action: name, mode = 'live', deadlineMs, idempotencyKey} = request
  const registration = findRegistration(id)
  if (!registration) throw new HostError('REGISTRATION_NOT_FOUND', {id})
  if (!registration.enabled) throw new HostError('REGISTRATION_DISABLED', {id})
  const active = findManifest(registration.plugin)
  if (!active) throw new HostError('PLUGIN_NOT_FOUND', {id: registration.plugin})
  const action = findAction(registration.plugin, active, name)
  parts.requireFit(id, active.manifest)
  if (deadlineMs !== undefined && !(deadlineMs > 0)) {
    throw new HostError('REQUEST_INVALID', {reason: 'deadlineMs must be above 0'})
  }
  if (idempotencyKey !== undefined && (idempotencyKey === '' || idempotencyKey.length > LONGEST_KEY)) {
    throw new HostError('REQUEST_INVALID', {reason: `the idempotency key must have 1 to ${LONGEST_KEY} characters`})
  }
  const checks = findChecks(action)
  return {
    registration,
    active,
    name,
    action,
    checks,
    input: checkInput(checks, request.input),
    mode,
    timeoutMs: Math.min(deadlineMs ?? action.timeoutMs ?? ACTION_TIMEOUT_MS, config.maxDeadlineMs),
    repeatable: isIdempotent(action) || mode === 'dryRun',
    readOnly: action.effect === 'read' || mode === 'dryRun',
    fence: mode === 'dryRun' ? chooseFence(name, action, active) : null,
  }
}

/** What keeps a dry run from changing anything. */
function chooseFence(name: string, action: ActionSettings, {manifest}: ActiveVersion): Fence {
  if (action.effect === 'read') return 'read'
  if (action.dryRun === 'native') return 'native'
  const refusal = refuseSeal(manifest)
  if (refusal === undefined) return 'sealed'
  throw new HostError('DRY_RUN_UNSUPPORTED', {
    action: name,
    reason: `it does not honour dry runs itself, and ${refusal}`,
  })
}

export function findAction(plugin: string, {manifest}: ActiveVersion, name: string): ActionSettings {
  const action = Object.hasOwn(manifest.actions, name) ? manifest.actions[name] : undefined
  if (action) return action
  throw new HostError('ACTION_NOT_FOUND', {id: plugin, action: name, known: Object.keys(manifest.actions).join(', ')})
}

function checkInput(checks: ActionChecks, given: Json): Json {
  const input = checks.fillsInput ? structuredClone(given) : given
  const problems = checks.input(input)
  if (problems.length > 0) throw new HostError('INPUT_INVALID', {reason: formatProblems(problems), problems})
  return input
}
