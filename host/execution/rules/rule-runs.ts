import {HostError} from '../../errors.ts'
import type {RuleRunRow} from '../../store/rule-runs.ts'
import type {Execution, RuleRun} from '../../types.ts'
import {createIdSource} from '../create-id.ts'
import {isPassing} from '../is-passing.ts'
import {findNextStep, type NextStep, refuseStep} from './next-step.ts'
import {changeStep, createRun, isOpen, type NewRun, settleRun} from './run-steps.ts'
import type {WorkflowParts} from './types.ts'

const LIST_LIMIT = 100

export type {NewRun}

/** The runs of rules: each step is submitted when the one before has ended, and what has ended is on the disk with it. */
export interface RuleRuns {
  /**
   * Begins the runs; their first executions, the runs and `alongside` are on the disk together when it resolves. What was
   * begun for the same cause before is left as it is.
   */
  start(runs: readonly NewRun[], alongside: () => void): Promise<RuleRun[]>
  get(id: string): RuleRun
  list(filter?: {rule?: string; event?: string; limit?: number}): RuleRun[]
  show(run: RuleRun): RuleRun
  /** Resolves when it has ended; with false after `ms`. */
  waitForEnd(id: string, ms: number): Promise<boolean>
  /** Submits what a crash, or a main server that did not answer, kept from being submitted. */
  recover(): Promise<void>
}

export function createRuleRuns(parts: WorkflowParts): RuleRuns {
  const {clock, store, queue, findExecution, onError} = parts
  const createId = createIdSource(clock.now)
  const chains = new Map<string, Promise<void>>()
  const waiters = new Map<string, Set<() => void>>()

  queue.onEnded(execution => {
    const {origin} = execution
    if (origin?.kind !== 'rule' && origin?.kind !== 'scenario') return undefined
    return () => recordEnd(origin.id, execution)
  })

  function save(run: RuleRunRow): void {
    store.ruleRuns.save(run)
    // After the transaction, which is synchronous code.
    if (run.endedAt !== null) queueMicrotask(() => tellWaiters(run.id))
  }

  function tellWaiters(id: string): void {
    for (const tell of waiters.get(id) ?? []) tell()
  }

  /** In the transaction of the execution's end. */
  function recordEnd(id: string, execution: Pick<Execution, 'execution' | 'status' | 'message' | 'error'>): void {
    const run = store.ruleRuns.find(id)
    const at = run?.steps.findIndex(step => step.execution === execution.execution) ?? -1
    const step = run?.steps[at]
    if (!run || !step || !isOpen(step)) return
    const {status, message, error} = execution
    save(settleRun(changeStep(run, at, {status, message: message || (error?.message ?? '')}), clock.now()))
    queueMicrotask(() => void advance(id))
  }

  /** What ended without telling: the server crashed in between, or the execution was deleted. */
  function recordMissed(id: string, execution: string): void {
    const found = findExecution(execution)
    const ended = found ?? {
      execution,
      status: 'unknown' as const,
      message: 'its execution is not known any more',
      error: null,
    }
    if (found === undefined || found.endedAt !== null) store.commitNow(() => recordEnd(id, ended))
  }

  /** One at a time for each run. */
  function advance(id: string): Promise<void> {
    const next = (chains.get(id) ?? Promise.resolve()).then(() => submitNext(id)).catch(onError)
    const chain = next.finally(() => void (chains.get(id) === chain && chains.delete(id)))
    chains.set(id, chain)
    return chain
  }

  async function submitNext(id: string): Promise<void> {
    const run = store.ruleRuns.find(id)
    if (run?.status !== 'running' || run.steps.some(isOpen)) return
    await submitAlone(await findNextStep(run, parts))
  }

  /** Until a step is accepted or the run has ended; what the queue refuses is a refused step. */
  async function submitAlone(next: NextStep): Promise<RuleRunRow> {
    if (next.request === null) {
      await store.writer.commit(() => save(next.run))
      return next.run
    }
    try {
      const [submitted] = await submitTogether([next], () => {})
      return submitted ?? next.run
    } catch (error) {
      if (isPassing(error)) throw error
      return submitAlone(await findNextStep(refuseStep(next.run, next.at, error as Error), parts))
    }
  }

  async function submitTogether(steps: readonly NextStep[], alongside: () => void): Promise<RuleRunRow[]> {
    const asking = steps.filter(({request}) => request !== null)
    let runs: RuleRunRow[] = []
    const write = (executions: readonly Execution[]): void => {
      runs = steps.map(step => {
        const execution = executions[asking.indexOf(step)]
        if (!execution) return step.run
        return changeStep(step.run, step.at, {status: execution.status, execution: execution.execution})
      })
      for (const run of runs) save(run)
      alongside()
      // A known key gives back an execution that may have ended.
      for (const {id, steps} of runs) if (!steps.some(isOpen)) queueMicrotask(() => void advance(id))
    }
    const requests = asking.flatMap(({request}) => request ?? [])
    if (requests.length === 0) await store.writer.commit(() => write([]))
    else await queue.submit(requests, {alongside: write})
    return runs
  }

  async function start(news: readonly NewRun[], alongside: () => void): Promise<RuleRun[]> {
    const before = news.map(({rule, cause}) =>
      cause === null ? undefined : store.ruleRuns.findByCause(rule.id, cause),
    )
    const fresh = news.filter((_, index) => before[index] === undefined)
    const steps: NextStep[] = []
    for (const each of fresh) {
      steps.push(await findNextStep(createRun(each, {id: createId(), now: clock.now()}), parts))
    }
    const begun = await begin(steps, alongside)
    return before.map(known => known ?? begun.shift()).flatMap(run => (run ? [show(run)] : []))
  }

  /** All in one transaction; when the queue refuses one of them, each by itself and the rest last. */
  async function begin(steps: readonly NextStep[], alongside: () => void): Promise<RuleRunRow[]> {
    try {
      return await submitTogether(steps, alongside)
    } catch (error) {
      if (isPassing(error)) throw error
      const runs: RuleRunRow[] = []
      for (const step of steps) runs.push(await submitAlone(step))
      await store.writer.commit(alongside)
      return runs
    }
  }

  /** As people see it, with the current state of its executions. */
  function show(run: RuleRun): RuleRun {
    const {id, rule, ruleName, event, record, status, by, startedAt, endedAt} = run
    const steps = run.steps.map(step => {
      const current = isOpen(step) && step.execution !== null ? findExecution(step.execution)?.status : undefined
      return {...step, status: current ?? step.status}
    })
    return {id, rule, ruleName, event, record, status, steps, by, startedAt, endedAt}
  }

  function wait(id: string, ms: number): Promise<boolean> {
    return new Promise(resolve => {
      const known = waiters.get(id) ?? new Set()
      waiters.set(id, known)
      const settle = (ended: boolean): void => {
        cancel()
        known.delete(tell)
        if (known.size === 0) waiters.delete(id)
        resolve(ended)
      }
      const tell = (): void => settle(true)
      const cancel = clock.after(ms, () => settle(false))
      known.add(tell)
    })
  }

  function find(id: string): RuleRunRow {
    const run = store.ruleRuns.find(id)
    if (!run) throw new HostError('RULE_RUN_NOT_FOUND', {id})
    return run
  }

  return {
    start,
    show,
    get: id => show(find(id)),
    list: ({rule = null, event = null, limit = LIST_LIMIT} = {}) => store.ruleRuns.list({rule, event, limit}).map(show),
    waitForEnd: (id, ms) => (find(id).endedAt === null ? wait(id, ms) : Promise.resolve(true)),
    async recover() {
      for (const run of store.ruleRuns.listRunning()) {
        for (const {execution} of run.steps.filter(isOpen)) recordMissed(run.id, execution ?? '')
        await advance(run.id)
      }
    },
  }
}
