import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {loadConfig} from '../../host/config.ts'
import {decideRollback} from '../../host/supervision/probation.ts'
import {type CrashHistory, decideRestart, NO_CRASHES, takeRestart} from '../../host/supervision/restart-policy.ts'
import {transition} from '../../host/supervision/state.ts'
import type {ExitReason, PluginState, ProcessExit} from '../../host/types.ts'

const {restart, swap} = loadConfig()
const test = suite('supervision policies')

/** Crashes at the given times, each after having been healthy for so long. */
function crashAt(times: number[], {healthyMs = 0, reason = 'crashed' as ExitReason, random = 0.5} = {}) {
  let history: CrashHistory = NO_CRASHES
  return times.map(now => {
    const decision = decideRestart(history, {now, healthyMs, reason}, restart, random)
    history = decision.history
    return `${decision.action} ${decision.afterMs}`
  })
}

test('waits double from 250 ms', () => {
  assert.equal(crashAt([0, 1000, 2000, 3000]), ['restart 250', 'restart 500', 'restart 1000', 'restart 2000'])
})

test('waits vary by 20 % either way', () => {
  assert.equal(crashAt([0], {random: 0}), ['restart 200'])
  assert.equal(crashAt([0], {random: 1}), ['restart 300'])
})

test('waits end at 60 s', () => {
  const history: CrashHistory = {crashes: [], attempt: 30, probes: 0}
  assert.is(decideRestart(history, {now: 0, healthyMs: 0, reason: 'crashed'}, restart, 0.5).afterMs, 60_000)
})

test('the fifth crash within 5 minutes parks, and probes come after 5, 10, 20 and then every 60 minutes', () => {
  const minutes = (count: number): string => `park ${count * 60_000}`
  const times = [0, 1, 2, 3, 4, 400, 1100, 2400, 7000].map(second => second * 1000)
  assert.equal(crashAt(times).slice(4), [minutes(5), minutes(10), minutes(20), minutes(60), minutes(60)])
})

test('crashes spread over more than 5 minutes do not park', () => {
  assert.equal(crashAt([0, 100, 200, 290, 301].map(second => second * 1000)).at(-1), 'restart 4000')
})

test('5 healthy minutes forget it all, also the parking', () => {
  assert.equal(
    crashAt(
      [0, 1, 2, 3, 4, 5].map(second => second * 1000),
      {healthyMs: 300_000},
    ),
    Array(6).fill('restart 250'),
  )
  const parked: CrashHistory = {crashes: [0, 1, 2, 3, 4], attempt: 5, probes: 3}
  assert.is(decideRestart(parked, {now: 9e6, healthyMs: 300_000, reason: 'crashed'}, restart, 0.5).action, 'restart')
})

test('what speaks another protocol is parked at once: trying again cannot help', () => {
  assert.equal(crashAt([0], {reason: 'versionMismatch'}), ['park 300000'])
})

test('at most 10 restarts a second, the others in turn', () => {
  let bucket = {tokens: 10, at: 0}
  const waits = Array.from({length: 25}, () => {
    const taken = takeRestart(bucket, 0, 10)
    bucket = taken.bucket
    return taken.waitMs
  })
  assert.equal(waits.slice(0, 10), Array(10).fill(0))
  assert.equal(
    waits.slice(10),
    Array.from({length: 15}, (_, n) => (n + 1) * 100),
  )
  assert.is(takeRestart(bucket, 10_000, 10).waitMs, 0)
})

test('a new version is taken back when it crashes twice, or when over half of at least 20 calls fail, within 60 s', () => {
  const judge = (calls: number, failed: number, crashes = 0, now = 1000): boolean =>
    decideRollback({since: 0, calls, failed, crashes}, now, swap)
  assert.equal(
    [judge(19, 19), judge(20, 10), judge(20, 11), judge(0, 0, 1), judge(0, 0, 2)],
    [false, false, true, false, true],
  )
  assert.equal([judge(20, 20, 0, 60_001), judge(0, 0, 5, 60_001)], [false, false])
})

const exit: ProcessExit = {code: 1, signal: null, reason: 'crashed', message: 'it crashed', stderr: [], at: 5}

test('a disabled plugin leaves that state by nothing but being enabled', () => {
  const disabled: PluginState = {name: 'disabled'}
  for (const event of [
    {type: 'start', attempt: 0, at: 1},
    {type: 'ready', at: 1},
    {type: 'wait', attempt: 1, retryAt: 1, exit},
    {type: 'stop'},
  ] as const) {
    assert.is(transition(disabled, event), disabled)
  }
  assert.equal(transition(disabled, {type: 'enable'}), {name: 'stopped'})
})

test('the last exit is remembered until the next one, and each state holds only its own data', () => {
  const waiting = transition({name: 'running', since: 0}, {type: 'wait', attempt: 1, retryAt: 9, exit})
  assert.equal(waiting, {name: 'waiting', attempt: 1, retryAt: 9, lastExit: exit})
  const starting = transition(waiting, {type: 'start', attempt: 1, at: 9})
  assert.equal(starting, {name: 'starting', attempt: 1, since: 9, lastExit: exit})
  assert.equal(transition(starting, {type: 'ready', at: 10}), {name: 'running', since: 10, lastExit: exit})
})

test.run()
