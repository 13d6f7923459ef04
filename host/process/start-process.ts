import {mkdir} from 'node:fs/promises'
import {HostError, isHostError} from '../errors.ts'
import type {ProcessExit} from '../types.ts'
import {type ProcessParts, spawnProcess} from './spawn-process.ts'
import type {LaunchSpec, StartProcess} from './types.ts'

export function createProcessStarter(parts: ProcessParts): StartProcess {
  return async (spec, hooks, {signal} = {}) => {
    signal?.throwIfAborted()
    await mkdir(spec.dataFolder, {recursive: true, mode: 0o700})
    const running = spawnProcess(parts, spec, hooks)
    const started = parts.clock.elapsed()
    try {
      await waitReady(running, parts, spec, signal)
      running.ready(Math.round(parts.clock.elapsed() - started))
      return running.process
    } catch (error) {
      running.process.end(chooseReason(error), describeError(error))
      const exit = await running.process.exited
      await running.process.gone
      throw describeFailure(spec, error, exit)
    }
  }
}

type Running = ReturnType<typeof spawnProcess>

async function waitReady(
  running: Running,
  {clock}: ProcessParts,
  spec: LaunchSpec,
  signal: AbortSignal | undefined,
): Promise<void> {
  const {promise: late, reject} = Promise.withResolvers<never>()
  const {startTimeoutMs} = spec.limits
  const cancel = spec.inspect
    ? () => {}
    : clock.after(startTimeoutMs, () => reject(new StartTimeout(`not ready within ${startTimeoutMs} ms`)))
  const onAbort = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', onAbort, {once: true})
  const died = running.process.exited.then(exit =>
    Promise.reject(new HostError('PLUGIN_CRASHED', {id: spec.id, reason: exit.message, exit})),
  )
  try {
    running.initialized(await Promise.race([running.initialize(), died, late]))
  } finally {
    cancel()
    signal?.removeEventListener('abort', onAbort)
    died.catch(() => {})
  }
}

class StartTimeout extends Error {}

function chooseReason(error: unknown): ProcessExit['reason'] {
  if (error instanceof StartTimeout) return 'startTimeout'
  return error instanceof HostError && error.code === 'PLUGIN_PROTOCOL_MISMATCH' ? 'versionMismatch' : 'startFailed'
}

/** What the exit does not tell by itself. */
function describeError(error: unknown): string {
  if (isHostError(error, 'PLUGIN_CRASHED')) return ''
  const reason = error instanceof HostError ? error.details.reason : undefined
  return typeof reason === 'string' ? reason : (error as Error).message
}

function describeFailure(spec: LaunchSpec, error: unknown, exit: ProcessExit): HostError {
  if (error instanceof HostError && error.code !== 'PLUGIN_CRASHED')
    return new HostError(error.code, {...error.details, exit}, error)
  const reason = error instanceof StartTimeout ? error.message : exit.message
  return new HostError('PLUGIN_START_FAILED', {id: spec.id, reason, exit}, error)
}
