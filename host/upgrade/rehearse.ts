import {isHostError} from '../errors.ts'
import {ACTION_TIMEOUT_MS, type ActionSettings} from '../manifest.ts'
import {refuseSeal} from '../refuse-seal.ts'
import {REDACTED} from '../registry/redact.ts'
import {type Execution, SECRET_MASK} from '../types.ts'
import type {Rehearsal, RehearsedExecution} from '../upgrade-types.ts'
import {type Answer, compareAnswers} from './compare-answers.ts'
import {runDry} from './run-dry.ts'
import {createSidePool, type RehearsedEnd, type SidePool} from './side-pool.ts'
import type {UpgradeParts} from './types.ts'

/** Executions of one action that are rehearsed at most. */
export const MOST_REHEARSED = 100
const AT_ONCE = 2

export interface RehearsalEnds {
  plugin: string
  from: RehearsedEnd
  to: RehearsedEnd
}

type Parts = Pick<UpgradeParts, 'clock' | 'config' | 'openSide' | 'redactorOf' | 'listExecutions'>
type Result = Pick<RehearsedExecution, 'result' | 'message'> & Partial<Pick<RehearsedExecution, 'differences'>>

/** Runs the last live executions of each action dry on both versions, beside the one that serves, and compares the answers. */
export async function rehearse(ends: RehearsalEnds, asked: number, parts: Parts): Promise<Rehearsal> {
  const {clock, config, openSide, redactorOf} = parts
  const end = clock.now() + config.rehearsalMs
  const waiting = listLast(ends, Math.min(asked, MOST_REHEARSED), parts)
  const executions: RehearsedExecution[] = []
  // Each has processes of its own: one that ends must not take the other's call with it.
  async function work(pool: SidePool): Promise<void> {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const {execution, registration, action} = next
      const {differences = [], ...result} = await rehearseOne(next, ends, {pool, end, now: clock.now})
      executions.push(redactorOf(ends.plugin).json({execution, registration, action, differences, ...result}))
    }
  }
  const pools = Array.from({length: AT_ONCE}, () => createSidePool(ends.plugin, openSide))
  try {
    await Promise.all(pools.map(work))
  } finally {
    await Promise.all(pools.map(pool => pool.close()))
  }
  const count = (result: RehearsedExecution['result']): number =>
    executions.filter(each => each.result === result).length
  const counts = {same: count('same'), differs: count('differs'), failed: count('failed'), skipped: count('skipped')}
  return {asked, ...counts, executions: executions.sort((one, other) => (one.execution < other.execution ? 1 : -1))}
}

function listLast({plugin, from}: RehearsalEnds, limit: number, {listExecutions}: Parts): Execution[] {
  if (limit < 1) return []
  return Object.keys(from.manifest.actions).flatMap(action =>
    listExecutions({plugin, action, mode: 'live', status: 'succeeded', limit}),
  )
}

interface Rehearsing {
  pool: SidePool
  /** Milliseconds since 1970. */
  end: number
  now(): number
}

async function rehearseOne(execution: Execution, {from, to}: RehearsalEnds, rehearsing: Rehearsing): Promise<Result> {
  const {action, registration} = execution
  const skipped = (message: string): Result => ({result: 'skipped', message})
  if (rehearsing.now() >= rehearsing.end) return skipped('there was no time left for it')
  const text = JSON.stringify(execution.input)
  if (text.includes(SECRET_MASK) || text.includes(REDACTED))
    return skipped('its input held secrets, which were not kept')
  if (!from.configurations.some(entry => entry.registration === registration))
    return skipped('its registration is off, or does not fit')
  const old = from.manifest.actions[action]
  const fresh = Object.hasOwn(to.manifest.actions, action) ? to.manifest.actions[action] : undefined
  if (!fresh) return {result: 'failed', message: `there is no action "${action}" any more`}
  const refused = old && (refuseDry(old, from) ?? refuseDry(fresh, to))
  if (!old || refused) return skipped(`it cannot be run dry: ${refused}`)
  if (!to.configurations.some(entry => entry.registration === registration))
    return {result: 'failed', message: `the configuration of registration "${registration}" does not fit`}

  const before = await tryDry(execution, from, old, rehearsing)
  if (typeof before === 'string') return skipped(`it cannot be run dry on version ${from.version} either: ${before}`)
  const after = await tryDry(execution, to, fresh, rehearsing)
  if (typeof after === 'string') return {result: 'failed', message: after}
  const differences = compareAnswers(before, after)
  return {result: differences.length > 0 ? 'differs' : 'same', message: '', differences}
}

function isSealed({effect, dryRun}: ActionSettings): boolean {
  return effect !== 'read' && dryRun !== 'native'
}

function refuseDry(action: ActionSettings, {manifest, blocked}: RehearsedEnd): string | undefined {
  return blocked ?? (isSealed(action) ? refuseSeal(manifest) : undefined)
}

/** The answer, or why there is none. */
async function tryDry(
  execution: Execution,
  version: RehearsedEnd,
  action: ActionSettings,
  {pool, end, now}: Rehearsing,
): Promise<Answer | string> {
  try {
    const side = await pool.find(version, isSealed(action))
    const deadline = Math.min(end, now() + (action.timeoutMs ?? ACTION_TIMEOUT_MS))
    try {
      return await runDry(side, execution, action, deadline)
    } catch (error) {
      if (isHostError(error) && error.code !== 'INPUT_INVALID') await pool.drop(side)
      throw error
    }
  } catch (error) {
    return (error as Error).message
  }
}
