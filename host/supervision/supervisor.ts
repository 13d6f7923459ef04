import type {ConfigureParams} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {LaunchSpec, PluginProcess} from '../process/types.ts'
import type {PluginState, ProcessExit} from '../types.ts'
import {type CallQueue, createCallQueue} from './call-queue.ts'
import {startDeadline} from './deadline.ts'
import {exitOf, isFault, markUnsent, refuseCall} from './faults.ts'
import {watchLiveness} from './liveness.ts'
import {decideRollback, type ProbationRecord} from './probation.ts'
import {type CrashHistory, decideRestart, NO_CRASHES} from './restart-policy.ts'
import {startReady} from './start-ready.ts'
import {type StateEvent, transition} from './state.ts'
import type {SupervisedCall, SupervisorParts} from './types.ts'

/** Keeps one plugin running: starts, restarts, swaps and stops its processes, and routes calls to the active one. */
export class Supervisor {
  readonly #parts: SupervisorParts
  readonly #queue: CallQueue
  /** Old versions finishing their calls. */
  readonly #draining = new Set<PluginProcess>()
  #spec: LaunchSpec
  #state: PluginState = {name: 'stopped'}
  #process: PluginProcess | undefined
  #starting: Promise<PluginProcess> | undefined
  #history: CrashHistory = NO_CRASHES
  #probation: {record: ProbationRecord; previous: LaunchSpec} | undefined
  #restarts = 0
  #cancelTimer = (): void => {}
  #cancelIdle = (): void => {}
  #life = new AbortController()
  #swapping: Promise<unknown> = Promise.resolve()

  constructor(parts: SupervisorParts, spec: LaunchSpec) {
    this.#parts = parts
    this.#spec = spec
    this.#queue = createCallQueue(parts.id, () => this.#spec.limits)
  }

  get state(): PluginState {
    return this.#state
  }
  get spec(): LaunchSpec {
    return this.#spec
  }
  get process(): PluginProcess | undefined {
    return this.#process
  }
  get restarts(): number {
    return this.#restarts
  }
  get queued(): number {
    return this.#queue.waiting
  }

  /** Starts it now; resolves when it takes calls, rejects with the start's failure (which the restart policy goes on with). */
  start(): Promise<PluginProcess> {
    if (this.#process) return Promise.resolve(this.#process)
    this.#cancelTimer()
    this.#starting ??= this.#begin().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** Rejects with HostError or PluginFailure. */
  async call(method: string, params: object, options: SupervisedCall): Promise<{result: unknown; version: string}> {
    const {clock, config} = this.#parts
    const deadline = startDeadline({
      clock,
      deadline: options.deadline,
      capMs: config.process.progressCapMs,
      signal: options.signal,
      onProgress: options.onProgress,
      action: options.action ?? method,
      paused: this.#spec.inspect !== undefined,
    })
    let entered = false
    let process: PluginProcess | undefined
    try {
      const turn = this.#queue.enter(deadline.signal)
      if (turn !== undefined) await turn
      entered = true
      process = this.#process ?? (await this.#waitForProcess(deadline.signal))
      deadline.signal.throwIfAborted()
      const result = await process.call(method, params, {
        signal: deadline.signal,
        ...(options.execution && {execution: options.execution, onProgress: deadline.onProgress}),
      })
      this.#recordCall(process, true)
      return {result, version: process.version}
    } catch (error) {
      if (process === undefined) throw markUnsent(error)
      this.#recordCall(process, !isFault(error))
      throw error
    } finally {
      deadline.release()
      if (entered) {
        this.#queue.leave()
        this.#armIdleStop()
      }
    }
  }

  /** A registration's configuration came or changed: a running process hears of it, no restart. */
  async configure(params: ConfigureParams): Promise<void> {
    await this.#process?.configure(params)
  }

  /** Hot swap. Rejects with PLUGIN_SWAP_FAILED, the version before still serving. One swap at a time. */
  swap(spec: LaunchSpec, {probation = true} = {}): Promise<void> {
    const run = this.#swapping.then(() => this.#swap(spec, probation))
    this.#swapping = run.catch(() => {})
    return run
  }

  /** A fresh process of the same version, without losing a call; a waiting or parked plugin is started at once. */
  async restart(): Promise<void> {
    if (this.#process) return this.swap(this.#spec, {probation: false})
    this.#history = NO_CRASHES
    await this.start()
  }

  async disable(): Promise<void> {
    this.#become({type: 'disable'})
    await this.#stopAll()
  }

  enable(): void {
    this.#life = new AbortController()
    this.#history = NO_CRASHES
    this.#become({type: 'enable'})
  }

  /** Drains and stops everything; single-use afterwards until `start`. */
  async stop(): Promise<void> {
    this.#become({type: 'drain', at: this.#parts.clock.now()})
    await this.#stopAll()
    this.#become({type: 'stop'})
  }

  #become(event: StateEvent): void {
    const next = transition(this.#state, event)
    if (next === this.#state) return
    this.#state = next
    this.#parts.onEvent({type: 'state', state: next})
  }

  async #stopAll(): Promise<void> {
    this.#cancelTimer()
    this.#cancelIdle()
    this.#life.abort(new HostError('PLUGIN_STOPPED', {id: this.#parts.id}))
    await this.#starting?.catch(() => {})
    const process = this.#process
    this.#process = undefined
    await Promise.all([process, ...this.#draining].map(each => each?.stop()))
    this.#life = new AbortController()
  }

  async #begin(): Promise<PluginProcess> {
    const {clock} = this.#parts
    const life = this.#life
    this.#become({type: 'start', attempt: this.#history.attempt, at: clock.now()})
    try {
      const process = await startReady(this.#parts, this.#spec, {signal: life.signal, strict: false})
      if (life.signal.aborted) {
        await process.stop()
        throw life.signal.reason
      }
      this.#adopt(process)
      this.#become({type: 'ready', at: clock.now()})
      return process
    } catch (error) {
      if (!life.signal.aborted) this.#crash(exitOf(error, clock.now()), 0)
      throw error
    }
  }

  #adopt(process: PluginProcess): void {
    const {clock, config, onEvent} = this.#parts
    const readyAt = clock.now()
    const unwatch = this.#spec.inspect ? () => {} : watchLiveness(process, clock, config.process)
    this.#process = process
    onEvent({type: 'ready', version: process.version, readyMs: process.readyMs})
    void process.exited.then(exit => {
      unwatch()
      this.#draining.delete(process)
      // The exit of a process that is no longer the active one is no crash.
      const expected = process !== this.#process
      onEvent({type: 'exit', version: process.version, exit, expected})
      if (expected) return
      this.#process = undefined
      this.#crash(exit, clock.now() - readyAt)
    })
    this.#armIdleStop()
  }

  #crash(exit: ProcessExit, healthyMs: number): void {
    const {clock, config, random, takeRestart} = this.#parts
    const now = clock.now()
    if (this.#probation) {
      this.#probation.record.crashes++
      if (decideRollback(this.#probation.record, now, config.swap)) {
        this.#rollBack(exit.message)
        return
      }
    }
    const decision = decideRestart(this.#history, {now, healthyMs, reason: exit.reason}, config.restart, random())
    this.#history = decision.history
    const retryAt = now + decision.afterMs + takeRestart()
    if (decision.action === 'park') this.#become({type: 'park', probes: decision.history.probes, retryAt, exit})
    else this.#become({type: 'wait', attempt: decision.history.attempt, retryAt, exit})
    if (this.#state.name === 'disabled') return
    this.#cancelTimer = clock.after(retryAt - now, () => {
      this.#restarts++
      this.start().catch(() => {})
    })
  }

  async #waitForProcess(signal: AbortSignal): Promise<PluginProcess> {
    const {id, clock} = this.#parts
    const refusal = this.#life.signal.aborted
      ? new HostError('PLUGIN_STOPPED', {id})
      : refuseCall(id, this.#state, clock.now())
    if (refusal) throw refusal
    const started = this.start()
    started.catch(() => {})
    const {promise: aborted, reject} = Promise.withResolvers<never>()
    const onAbort = (): void => reject(signal.reason)
    signal.addEventListener('abort', onAbort, {once: true})
    try {
      return await Promise.race([started, aborted])
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }

  async #swap(spec: LaunchSpec, probation: boolean): Promise<void> {
    const {id, clock, onEvent} = this.#parts
    const previous = this.#spec
    const change = {from: previous.version, to: spec.version}
    if (this.#state.name === 'disabled') {
      this.#spec = spec
      return
    }
    await this.#starting?.catch(() => {})
    const healthy = this.#process !== undefined
    try {
      if (spec.limits.swap === 'stop-first') await this.#retire(this.#takeActive(), this.#parts.config.process.drainMs)
      const next = await startReady(this.#parts, spec, {signal: this.#life.signal, strict: true})
      this.#cancelTimer()
      const old = this.#takeActive()
      this.#spec = spec
      this.#history = NO_CRASHES
      this.#probation =
        probation && healthy ? {record: {since: clock.now(), calls: 0, failed: 0, crashes: 0}, previous} : undefined
      this.#adopt(next)
      this.#become({type: 'start', attempt: 0, at: clock.now()})
      this.#become({type: 'ready', at: clock.now()})
      void this.#retire(old, this.#parts.config.swap.drainMs)
      onEvent({type: 'swap', ...change, result: 'done'})
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      onEvent({type: 'swap', ...change, result: 'failed', reason})
      if (healthy && !this.#process && !this.#life.signal.aborted) await this.start()
      throw new HostError('PLUGIN_SWAP_FAILED', {id, version: spec.version, reason}, error)
    }
  }

  #takeActive(): PluginProcess | undefined {
    const process = this.#process
    this.#process = undefined
    return process
  }

  async #retire(process: PluginProcess | undefined, drainMs: number): Promise<void> {
    if (!process) return
    this.#draining.add(process)
    await process.drain(drainMs)
    await process.stop()
  }

  #recordCall(process: PluginProcess | undefined, ok: boolean): void {
    if (!this.#probation || process?.version !== this.#spec.version) return
    const {record} = this.#probation
    record.calls++
    if (!ok) record.failed++
    const now = this.#parts.clock.now()
    if (!ok && decideRollback(record, now, this.#parts.config.swap))
      this.#rollBack(`${record.failed} of its first ${record.calls} calls failed`)
    else if (now - record.since > this.#parts.config.swap.probationMs) this.#probation = undefined
  }

  /** Back to the version before: beside the failing one if that still lives, else at once. */
  #rollBack(reason: string): void {
    const previous = this.#probation?.previous
    if (!previous) return
    this.#probation = undefined
    const change = {from: this.#spec.version, to: previous.version}
    const done = (): void => this.#parts.onEvent({type: 'swap', ...change, result: 'rolledBack', reason})
    if (this.#process) {
      this.swap(previous, {probation: false}).then(done, () => {})
      return
    }
    this.#spec = previous
    this.#history = NO_CRASHES
    done()
    this.start().catch(() => {})
  }

  #armIdleStop(): void {
    const {idleStopMs} = this.#spec.limits
    this.#cancelIdle()
    if (idleStopMs === 0) return
    this.#cancelIdle = this.#parts.clock.after(idleStopMs, () => {
      if (this.#queue.running > 0 || this.#state.name !== 'running') return
      this.#become({type: 'stop'})
      void this.#retire(this.#takeActive(), 0)
    })
  }
}
