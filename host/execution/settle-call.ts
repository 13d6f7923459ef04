import type {Effect, Json} from '../../runtime/protocol.ts'
import {HostError, isHostError, PluginFailure} from '../errors.ts'
import {grantedPermissions} from '../manifest.ts'
import {formatProblems, type Problem} from '../schema.ts'
import type {Outcome} from '../types.ts'
import {findChecks} from './action-checks.ts'
import {applyEffects, checkEffects} from './apply-effects.ts'
import type {CallResult} from './call-action.ts'
import {findAction, type PreparedCall} from './prepare-call.ts'
import type {RunningExecution} from './running.ts'
import type {ActiveVersion, ExecutorParts} from './types.ts'
import {verifyAction} from './verify-action.ts'
import {toWireError} from './wire-error.ts'

/** What an execution came to, and the version that told. */
export type Ending = Pick<Outcome, 'status' | 'output' | 'effects' | 'message' | 'error'> & {version: string}

export interface SettleOptions {
  running: RunningExecution
  parts: ExecutorParts
  /** Takes secrets out of whatever leaves the host. */
  redact: <T>(value: T) => T
}

/** Turns what the call came to into the outcome, effects applied. */
export async function settleCall(call: PreparedCall, result: CallResult, options: SettleOptions): Promise<Ending> {
  if (result.answered) return settleAnswer(call, result.result, result.version, options)
  const {error, sent} = result
  if (options.running.controller.signal.aborted) {
    return fail(call, 'cancelled', new HostError('EXECUTION_CANCELLED', {action: call.name}), options)
  }
  if (isHostError(error, 'EXECUTION_TIMED_OUT')) return settleOpen(call, error, sent, 'timedOut', options)
  if (error instanceof PluginFailure && error.data.category === 'unknown')
    return settleOpen(call, error, sent, 'failed', options)
  return fail(call, 'failed', error, options)
}

async function settleAnswer(
  call: PreparedCall,
  answer: unknown,
  version: string,
  {running, parts, redact}: SettleOptions,
): Promise<Ending> {
  const active = findActive(call, version, parts)
  const problems = checkAnswer(call, answer, active)
  if (problems.length > 0) {
    const details = {id: call.registration.plugin, reason: formatProblems(problems), problems}
    return {...fail(call, 'failed', new HostError('OUTPUT_INVALID', details), {redact}), version}
  }
  const {output, effects = [], message = ''} = answer as {output: Json; effects?: Effect[]; message?: string}
  const {execution, by} = running.execution
  return {
    status: 'succeeded',
    output: redact(output),
    effects:
      effects.length === 0
        ? []
        : await applyEffects(redact(effects), {
            mainServer: parts.mainServer,
            context: {execution, plugin: call.registration.plugin, by},
            granted: grantedPermissions(active.manifest).effects,
            show: call.mode === 'dryRun',
          }),
    message: redact(message),
    error: null,
    version,
  }
}

/** The pointer of a problem starts at the answer: `/output/...`. */
function checkAnswer(call: PreparedCall, answer: unknown, active: ActiveVersion): Problem[] {
  if (typeof answer !== 'object' || answer === null || !('output' in answer)) {
    return [{pointer: '/output', message: 'is required'}]
  }
  const {output, effects, message} = answer as {output: unknown; effects?: unknown; message?: unknown}
  const action = active === call.active ? call.action : findAction(call.registration.plugin, active, call.name)
  const found = findChecks(action).output(output)
  if (found.length > 0) return found.map(problem => ({...problem, pointer: `/output${problem.pointer}`}))
  if (message !== undefined && typeof message !== 'string') return [{pointer: '/message', message: 'must be a text'}]
  if (effects === undefined || (Array.isArray(effects) && effects.length === 0)) return []
  return checkEffects(effects).map(problem => ({...problem, pointer: `/effects${problem.pointer}`}))
}

/** A swap may have come between: the answer is held to the manifest of the version that gave it. */
function findActive(call: PreparedCall, version: string, parts: ExecutorParts): ActiveVersion {
  if (version === call.active.version) return call.active
  const now = parts.findManifest(call.registration.plugin)
  return now?.version === version && Object.hasOwn(now.manifest.actions, call.name) ? now : call.active
}

/**
 * A timeout after sending, or a plugin that cannot say, leaves open whether it was done: the plugin is asked, where it can tell.
 * `otherwise` is what it came to when it was not done.
 */
async function settleOpen(
  call: PreparedCall,
  error: HostError | PluginFailure,
  sent: boolean,
  otherwise: 'timedOut' | 'failed',
  options: SettleOptions,
): Promise<Ending> {
  if (!sent || call.readOnly) return fail(call, otherwise, error, options)
  const {redact} = options
  const verified = await verifyAction(call, options.running.execution.execution, options.parts)
  if (verified.done === 'yes') {
    const message = redact(verified.message ?? 'Done; its answer came too late')
    const {version} = call.active
    return {status: 'succeeded', output: redact(verified.output), effects: [], message, error: null, version}
  }
  if (verified.done === 'no') return fail(call, otherwise, error, options)
  const ending = fail(call, 'unknown', error, options)
  return {...ending, error: ending.error && {...ending.error, category: 'unknown', retryable: call.repeatable}}
}

function fail(
  call: PreparedCall,
  status: Ending['status'],
  cause: unknown,
  {redact}: Pick<SettleOptions, 'redact'>,
): Ending {
  const told = redact(toWireError(cause))
  // After a crash nobody knows how far it had come: only what may be repeated is called worth trying again.
  const error = isHostError(cause, 'PLUGIN_CRASHED') ? {...told, retryable: call.repeatable} : told
  return {status, output: null, effects: [], message: error.message, error, version: call.active.version}
}
