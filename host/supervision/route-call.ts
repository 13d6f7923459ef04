import type {CallSignal} from '../call-signal.ts'
import type {Clock} from '../clock.ts'
import type {PluginProcess} from '../process/types.ts'
import type {CallQueue} from './call-queue.ts'
import {startDeadline} from './deadline.ts'
import {markUnsent} from './faults.ts'
import type {SupervisedCall} from './types.ts'

/** What a call needs of its plugin. */
export interface CallRoute {
  clock: Clock
  queue: CallQueue
  /** How far progress may move a deadline, milliseconds. */
  progressCapMs: number
  /** A debugger is attached: nothing times out. */
  paused: boolean
  /** The process that takes calls, or the one that is being started. Rejects when there is to be none. */
  findProcess(signal: CallSignal): PluginProcess | Promise<PluginProcess>
  /** The process answered, or failed to. */
  onSettled(process: PluginProcess, error?: unknown): void
}

/** Queue, process, answer: one call on its way, under one deadline. An error before the plugin saw it is marked as unsent. */
export async function routeCall(
  method: string,
  params: object,
  options: SupervisedCall,
  route: CallRoute,
): Promise<{result: unknown; version: string}> {
  const deadline = startDeadline({
    clock: route.clock,
    deadline: options.deadline,
    capMs: route.progressCapMs,
    signal: options.signal,
    onProgress: options.onProgress,
    action: options.action ?? method,
    paused: route.paused,
  })
  let entered = false
  let process: PluginProcess | undefined
  try {
    const turn = route.queue.enter(deadline.signal)
    if (turn !== undefined) await turn
    entered = true
    const found = route.findProcess(deadline.signal)
    process = found instanceof Promise ? await found : found
    deadline.signal.throwIfAborted()
    const result = await process.call(method, params, {
      signal: deadline.signal,
      ...(options.execution && {execution: options.execution, onProgress: deadline.onProgress}),
    })
    route.onSettled(process)
    return {result, version: process.version}
  } catch (error) {
    if (process === undefined) throw markUnsent(error)
    route.onSettled(process, error)
    throw error
  } finally {
    deadline.release()
    if (entered) route.queue.leave()
  }
}
