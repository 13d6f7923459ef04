import type {Effect, EffectOp, Json, WireError} from '../../runtime/protocol.ts'
import {HostError, isHostError, PluginFailure} from '../errors.ts'
import {grantedPermissions} from '../manifest.ts'
import {formatProblems, type Problem} from '../schema.ts'
import type {ExecuteRequest, Outcome} from '../types.ts'
import {findChecks} from './action-checks.ts'
import {type AskedEffect, prepareEffects, type ReadyEffects} from './apply-effects.ts'
import type {CallResult} from './call-action.ts'
import {checkEffects} from './check-effects.ts'
import {planEffects} from './plan-effects.ts'
import {findAction, type PreparedCall} from './prepare-call.ts'
import type {RunningExecution} from './running.ts'
import type {ActiveVersion, ExecutorParts} from './types.ts'
import {verifyAction} from './verify-action.ts'
import {toWireError} from './wire-error.ts'

/** What an execution came to, and the version that told. */
export type Ending = Pick<Outcome, 'status' | 'output' | 'message' | 'error'> & {version: string}

/** What is left to do is to make the changes and to record both. */
export interface Settled {
  ending: Ending
  effects: ReadyEffects | null
}

export interface SettleOptions {
  running: RunningExecution
  request: Pick<ExecuteRequest, 'output'>
  parts: ExecutorParts
  /** Takes secrets out of whatever leaves the host. */
  redact: <T>(value: T) => T
}

/** Turns what the call came to into its ending, and what it is to change: nothing is changed yet. */
export async function settleCall(call: PreparedCall, result: CallResult, options: SettleOptions): Promise<Settled> {
  const {ending, effects} = result.answered
    ? settleAnswer(call, result.result, result.version, options)
    : {ending: await settleFailure(call, result, options), effects: []}
  if (effects.length === 0) return settleEnding(ending, options)
  const {manifest} = findActive(call, ending.version, options.parts)
  return settleEnding(ending, options, {effects, granted: grantedPermissions(manifest).effects})
}

/** Likewise for one that is known to have come to this. `asked` is what the plugin wants changed. */
export async function settleEnding(
  ending: Ending,
  {running, request, parts}: Pick<SettleOptions, 'running' | 'request' | 'parts'>,
  asked: {effects: AskedEffect[]; granted: readonly EffectOp[]} = {effects: [], granted: []},
): Promise<Settled> {
  const {execution: id, plugin, by, record, mode} = running.execution
  const {output} = request
  const planned = output || record !== null ? await planEffects(running.execution, output, ending, parts) : []
  if (asked.effects.length + planned.length === 0) return {ending, effects: null}
  const ready = await prepareEffects([...asked.effects, ...planned], {
    mainServer: parts.mainServer,
    context: {execution: id, plugin, by, readArtifact: name => parts.store.artifacts.find(id, name)},
    granted: asked.granted,
    show: mode === 'dryRun',
  })
  return {ending, effects: ready}
}

async function settleFailure(
  call: PreparedCall,
  {error, sent}: Extract<CallResult, {answered: false}>,
  options: SettleOptions,
): Promise<Ending> {
  if (options.running.controller.signal.aborted) {
    return fail(call, 'cancelled', new HostError('EXECUTION_CANCELLED', {action: call.name}), options)
  }
  if (isHostError(error, 'EXECUTION_TIMED_OUT')) return settleOpen(call, error, sent, 'timedOut', options)
  if (error instanceof PluginFailure && error.data.category === 'unknown')
    return settleOpen(call, error, sent, 'failed', options)
  return fail(call, 'failed', error, options)
}

function settleAnswer(
  call: PreparedCall,
  answer: unknown,
  version: string,
  {parts, redact}: SettleOptions,
): {ending: Ending; effects: AskedEffect[]} {
  const active = findActive(call, version, parts)
  const problems = checkAnswer(call, answer, active)
  if (problems.length > 0) {
    const details = {id: call.registration.plugin, reason: formatProblems(problems), problems}
    return {ending: {...fail(call, 'failed', new HostError('OUTPUT_INVALID', details), {redact}), version}, effects: []}
  }
  const {output, effects = [], message = ''} = answer as {output: Json; effects?: Effect[]; message?: string}
  return {
    ending: {status: 'succeeded', output: redact(output), message: redact(message), error: null, version},
    effects: redact(effects).map(effect => ({effect})),
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
    return {status: 'succeeded', output: redact(verified.output), message, error: null, version}
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
  const told = tellFence(call, redact(toWireError(cause)))
  // After a crash nobody knows how far it had come: only what may be repeated is called worth trying again.
  const error = isHostError(cause, 'PLUGIN_CRASHED') ? {...told, retryable: call.repeatable} : told
  return {status, output: null, message: error.message, error, version: call.active.version}
}

/** What a sealed plugin was refused looks to it like any failure of its network. */
function tellFence({fence}: PreparedCall, error: WireError): WireError {
  if (fence !== 'sealed') return error
  const refused = 'It had no network, started no programs and wrote nothing through the host'
  const hint = [error.hint, `${refused}\nAn action that declares dryRun "native" runs dry by itself`]
  return {...error, message: `The dry run was sealed: ${error.message}`, hint: hint.filter(Boolean).join('\n')}
}
