import {type ConfigureParams, METHODS, type TestResult} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {LaunchSpec, PluginProcess} from '../process/types.ts'
import type {SupervisorParts} from './types.ts'

type Parts = Pick<SupervisorParts, 'clock' | 'hooks' | 'startProcess' | 'listConfigurations'>

/** An error in one sentence. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/**
 * Starts a process and brings it to where it can take calls: initialized, configured, and with `strict` (a new version) self-tested.
 * Rejects with HostError; a process that got so far and no further is ended.
 */
export async function startReady(
  parts: Parts,
  spec: LaunchSpec,
  {signal, strict}: {signal: AbortSignal; strict: boolean},
): Promise<PluginProcess> {
  const hooks = parts.hooks(spec.version)
  const process = await parts.startProcess(spec, hooks, {signal})
  try {
    for (const registration of parts.listConfigurations(spec.version)) {
      // One that never answers must hold up neither the start nor what waits for it.
      const configured = within(parts, spec, signal, given =>
        process.call(METHODS.configure, registration, {signal: given}),
      )
      await configured.catch(error => {
        if (strict) throw error
        // One registration the plugin does not like must not keep the others from being served.
        hooks.onLog({
          source: 'host',
          level: 'error',
          message: `Cannot configure registration "${registration.registration}": ${reasonOf(error)}`,
        })
      })
    }
    if (strict) await testSelf(parts, spec, process, signal)
    return process
  } catch (error) {
    // A self-test tells its failure in its answer, which nobody has looked through yet.
    const reason = hooks.redactor?.text(reasonOf(error)) ?? reasonOf(error)
    process.end('startFailed', reason)
    const exit = await process.exited
    throw new HostError('PLUGIN_START_FAILED', {id: spec.id, reason, exit}, error)
  }
}

/** A new version answers a ping, and where its manifest asks for it, passes the connection test of every enabled registration. */
async function testSelf(parts: Parts, spec: LaunchSpec, process: PluginProcess, signal: AbortSignal): Promise<void> {
  await process.ping()
  if (spec.limits.selfTest !== 'connection') return
  for (const registration of parts.listConfigurations(spec.version))
    await testConnection(parts, spec, process, registration, signal)
}

async function testConnection(
  parts: Parts,
  spec: LaunchSpec,
  process: PluginProcess,
  {registration, config}: ConfigureParams,
  signal: AbortSignal,
): Promise<void> {
  try {
    const params = {registration, config: config ?? {}, deadline: parts.clock.now() + spec.limits.startTimeoutMs}
    const answer = await within(parts, spec, signal, given => process.call(METHODS.test, params, {signal: given}))
    const result = answer as TestResult
    if (!result.ok) throw new Error(result.error?.message ?? 'a stage failed')
  } catch (error) {
    throw new Error(`its self-test failed for registration "${registration}": ${reasonOf(error)}`, {cause: error})
  }
}

/** Each of its calls has the time of a start; under a debugger there is no limit. */
async function within<T>(
  {clock}: Parts,
  {limits: {startTimeoutMs}, inspect}: LaunchSpec,
  signal: AbortSignal,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timeout = new AbortController()
  const giveUp = (): void => timeout.abort(new Error(`no answer within ${startTimeoutMs} ms`))
  const cancel = inspect ? () => {} : clock.after(startTimeoutMs, giveUp)
  try {
    return await call(AbortSignal.any([signal, timeout.signal]))
  } finally {
    cancel()
  }
}
