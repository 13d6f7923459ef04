import type {ConfigureParams} from '../../runtime/protocol.ts'
import type {CallSignal} from '../call-signal.ts'
import {HostError} from '../errors.ts'
import {orAbort} from '../or-abort.ts'
import type {LaunchSpec, PluginProcess} from '../process/types.ts'
import type {PluginState, ProcessExit} from '../types.ts'
import {type CallQueue, createCallQueue} from './call-queue.ts'
import {exitOf, isFault, requireCallable} from './faults.ts'
import {createIdleStop, type IdleStop} from './idle-stop.ts'
import {watchProcess} from './liveness.ts'
import {Probation} from './probation.ts'
import {Restarts} from './restarts.ts'
import {createRetirement} from './retirement.ts'
import {type CallRoute, routeCall} from './route-call.ts'
import {reasonOf, startReady} from './start-ready.ts'
import {StateCell} from './state.ts'
import type {SupervisedCall, SupervisionEvent, SupervisorParts} from './types.ts'

/** Keeps one plugin running: starts, restarts, swaps and stops its processes, and routes calls to the active one. */
export class Supervisor {
  readonly #parts: SupervisorParts
  readonly #queue: CallQueue
  readonly #route: CallRoute
  readonly #retirement = createRetirement()
  readonly #restarts: Restarts
  readonly #state: StateCell
  readonly #idle: IdleStop
  #spec: LaunchSpec
  #process: PluginProcess | undefined
  #starting: Promise<PluginProcess> | undefined
  #probation: Probation | undefined
  #life = new AbortController()
  #swapping: Promise<unknown> = Promise.resolve()

  constructor(parts: SupervisorParts, spec: LaunchSpec) {
    this.#parts = parts
    this.#spec = spec
    this.#state = new StateCell(state => parts.onEvent({type: 'state', state}))
    this.#restarts = new Restarts(parts, () => this.start())
    this.#idle = createIdleStop(parts.clock, () => this.#stopIdle())
    this.#queue = createCallQueue(parts.id, () => this.#spec.limits)
    this.#route = {
      clock: parts.clock,
      queue: this.#queue,
      progressCapMs: parts.config.process.progressCapMs,
      paused: spec.inspect !== undefined,
      findProcess: signal => this.#process ?? this.#waitForProcess(signal),
      onSettled: (process, error) => this.#recordCall(process, error === undefined || !isFault(error)),
    }
  }

  get state(): PluginState {
    return this.#state.value
  }
  get process(): PluginProcess | undefined {
    return this.#process
  }
  get restarts(): number {
    return this.#restarts.count
  }
  get queued(): number {
    return this.#queue.waiting
  }

  /** Starts it now; resolves when it takes calls, rejects with the start's failure (which the restart policy goes on with). */
  start(): Promise<PluginProcess> {
    if (this.#process) return Promise.resolve(this.#process)
    this.#restarts.cancel()
    this.#starting ??= this.#begin().finally(() => {
      this.#starting = undefined
    })
    return this.#starting
  }

  /** Rejects with HostError or PluginFailure. */
  async call(method: string, params: object, options: SupervisedCall): Promise<{result: unknown; version: string}> {
    try {
      return await routeCall(method, params, options, this.#route)
    } finally {
      this.#idle.arm(this.#spec.limits.idleStopMs)
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
    this.#restarts.forget()
    await this.start()
  }

  async disable(): Promise<void> {
    this.#state.become({type: 'disable'})
    await this.#stopAll()
  }

  enable(): void {
    this.#life = new AbortController()
    this.#restarts.forget()
    this.#state.become({type: 'enable'})
  }

  /** Drains and stops everything, for good. */
  async stop(): Promise<void> {
    this.#state.become({type: 'drain', at: this.#parts.clock.now()})
    await this.#stopAll()
    this.#state.become({type: 'stop'})
  }

  async #stopAll(): Promise<void> {
    this.#restarts.cancel()
    this.#idle.cancel()
    this.#life.abort(new HostError('PLUGIN_STOPPED', {id: this.#parts.id}))
    await this.#starting?.catch(() => {})
    await Promise.all([this.#takeActive()?.stop(), this.#retirement.stop()])
  }

  async #begin(): Promise<PluginProcess> {
    const {clock} = this.#parts
    const life = this.#life
    this.#state.become({type: 'start', attempt: this.#restarts.attempt, at: clock.now()})
    try {
      const process = await startReady(this.#parts, this.#spec, {signal: life.signal, strict: false})
      // A stop or a swap came in between: what was started is not wanted any more.
      if (life.signal.aborted || this.#process) {
        await process.stop()
        life.signal.throwIfAborted()
      }
      if (this.#process) return this.#process
      this.#adopt(process)
      this.#state.become({type: 'ready', at: clock.now()})
      return process
    } catch (error) {
      if (!life.signal.aborted) this.#crash(exitOf(error, clock.now()), 0)
      throw error
    }
  }

  #adopt(process: PluginProcess): void {
    this.#process = process
    watchProcess(process, this.#parts, this.#spec, (exit, healthyMs) => {
      // The exit of a process that is no longer the active one is no crash.
      const expected = process !== this.#process
      this.#parts.onEvent({type: 'exit', version: process.version, exit, expected})
      if (expected) return
      this.#process = undefined
      this.#crash(exit, healthyMs)
    })
    this.#idle.arm(this.#spec.limits.idleStopMs)
  }

  #crash(exit: ProcessExit, healthyMs: number): void {
    if (this.#probation?.recordCrash(this.#parts.clock.now())) {
      this.#rollBack(this.#probation, exit.message)
      return
    }
    if (this.#state.value.name === 'disabled') return
    // Under a debugger it is its author who starts it again.
    this.#state.become(this.#spec.inspect ? {type: 'stop', exit} : this.#restarts.schedule(exit, healthyMs))
  }

  async #waitForProcess(signal: CallSignal): Promise<PluginProcess> {
    requireCallable(this.#parts.id, this.#state.value, this.#parts.clock.now())
    this.#life.signal.throwIfAborted()
    const started = this.start()
    started.catch(() => {})
    return orAbort(started, signal)
  }

  async #swap(spec: LaunchSpec, probation: boolean): Promise<void> {
    const {id, clock, config, onEvent} = this.#parts
    const previous = this.#spec
    const change = {from: previous.version, to: spec.version}
    if (this.#state.value.name === 'disabled') {
      this.#spec = spec
      return
    }
    this.#life.signal.throwIfAborted()
    await this.#starting?.catch(() => {})
    const healthy = this.#process !== undefined
    try {
      if (spec.limits.swap === 'stop-first') await this.#retirement.retire(this.#takeActive(), config.process.drainMs)
      const next = await startReady(this.#parts, spec, {signal: this.#life.signal, strict: true})
      const old = this.#takeActive()
      this.#spec = spec
      this.#restarts.forget()
      this.#probation = probation && healthy ? new Probation(previous, clock.now(), config.swap) : undefined
      this.#adopt(next)
      this.#state.become({type: 'swapped', at: clock.now()})
      void this.#retirement.retire(old, config.swap.drainMs)
      onEvent({type: 'swap', ...change, result: 'done'})
    } catch (error) {
      const reason = reasonOf(error)
      onEvent({type: 'swap', ...change, result: 'failed', reason})
      if (healthy && !this.#process && !this.#life.signal.aborted) await this.start().catch(() => {})
      throw new HostError('PLUGIN_SWAP_FAILED', {id, version: spec.version, reason}, error)
    }
  }

  #takeActive(): PluginProcess | undefined {
    const process = this.#process
    this.#process = undefined
    return process
  }

  #recordCall(process: PluginProcess, ok: boolean): void {
    const probation = this.#probation
    if (!probation || process.version !== this.#spec.version) return
    const now = this.#parts.clock.now()
    if (probation.recordCall(ok, now)) this.#rollBack(probation, probation.summary)
    else if (probation.isOver(now)) this.#probation = undefined
  }

  /** Back to the version before: beside the failing one if that still lives, else at once. */
  #rollBack({previous}: Probation, reason: string): void {
    this.#probation = undefined
    const event: SupervisionEvent = {
      type: 'swap',
      from: this.#spec.version,
      to: previous.version,
      result: 'rolledBack',
      reason,
    }
    const done = (): void => this.#parts.onEvent(event)
    if (this.#process) void this.swap(previous, {probation: false}).then(done, () => {})
    else {
      this.#spec = previous
      this.#restarts.forget()
      done()
      this.start().catch(() => {})
    }
  }

  #stopIdle(): void {
    if (this.#queue.running > 0 || this.#state.value.name !== 'running') return
    this.#state.become({type: 'stop'})
    void this.#retirement.retire(this.#takeActive(), 0)
  }
}
