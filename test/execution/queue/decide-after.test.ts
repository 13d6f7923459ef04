import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {HostError, PluginFailure} from '../../../host/errors.ts'
import {type After, type AfterAttempt, decideAfter} from '../../../host/execution/queue/decide-after.ts'
import type {RegistrationSettings} from '../../../host/types.ts'
import {describeAction} from '../../support/executor.ts'

const test = suite('decide after')
const registration = {id: 'r', plugin: 'p', name: 'R', enabled: true, draft: false, settings: {}}
const call = {registration, action: describeAction(), repeatable: false}
const repeatable = {...call, repeatable: true}
const network = new PluginFailure({code: 'AWAY', category: 'network', message: 'away', retryable: true})
const open = new PluginFailure({code: 'OPEN', category: 'unknown', message: 'who knows', retryable: true})
const timedOut = new HostError('EXECUTION_TIMED_OUT', {action: 'send', ms: 5})
const crashed = new HostError('PLUGIN_CRASHED', {id: 'p', reason: 'gone'})
const unsent = new HostError('PLUGIN_NOT_RUNNING', {id: 'p', state: 'stopped', sent: false})

function decide(change: Partial<AfterAttempt>): After {
  const result = {answered: false as const, error: network, sent: true}
  const usual = {call, result, attempt: 1, givenUp: undefined, ageMs: 0, maxAgeMs: 100, retryMax: 2, random: 0.5}
  return decideAfter({...usual, ...change})
}

function decideError(error: unknown, change: Partial<AfterAttempt> = {}, sent = true): After {
  return decide({...change, result: {answered: false, error, sent}})
}

test('an answer is an end, whatever else is so', () => {
  const result = {answered: true as const, result: {}, version: '1.0.0'}
  for (const givenUp of [undefined, 'cancelled', 'stopping'] as const)
    assert.equal(decide({result, givenUp}), {kind: 'end'})
})

test('what was sent is tried again only where that does no harm', () => {
  for (const error of [network, open, timedOut, crashed]) assert.equal(decideError(error), {kind: 'end'})
  for (const error of [network, timedOut, crashed])
    assert.equal(decideError(error, {call: repeatable}), {kind: 'retry', waitMs: 250})
  assert.equal(decideError(open, {call: repeatable}), {kind: 'end'}, 'its category is not one of those')
})

test('each attempt waits longer; after the last one it is over', () => {
  assert.equal(decide({call: repeatable, attempt: 2}), {kind: 'retry', waitMs: 500})
  assert.equal(decide({call: repeatable, attempt: 3}), {kind: 'end'})
  assert.equal(decide({call: repeatable, attempt: 1, random: 0}), {kind: 'retry', waitMs: 200})
})

test('the registration’s own policy takes the place of the manifest’s', () => {
  const action = describeAction({retry: {max: 5, baseMs: 10}})
  const own = (settings: RegistrationSettings): After =>
    decide({call: {...repeatable, action, registration: {...registration, settings}}})
  assert.equal(own({}), {kind: 'retry', waitMs: 10})
  assert.equal(own({retry: {max: 1, baseMs: 7000}}), {kind: 'retry', waitMs: 7000})
  assert.equal(own({retry: {max: 0}}), {kind: 'end'})
  assert.equal(own({retry: {on: ['auth']}}), {kind: 'end'})
})

test('what never reached the plugin waits, until it is too old', () => {
  assert.equal(decideError(unsent, {}, false), {kind: 'wait'})
  assert.equal(decideError(unsent, {ageMs: 99}, false), {kind: 'wait'})
  assert.equal(decideError(unsent, {ageMs: 100}, false), {kind: 'end'})
  const late = new HostError('EXECUTION_TIMED_OUT', {action: 'send', ms: 5, sent: false})
  assert.equal(decideError(late, {}, false), {kind: 'wait'})
})

test('one that was told to end by somebody has ended; by the server’s stop, it is left where that does no harm', () => {
  assert.equal(decide({givenUp: 'cancelled', call: repeatable}), {kind: 'end'})
  assert.equal(decide({givenUp: 'stopping', call: repeatable}), {kind: 'leave'})
  assert.equal(decide({givenUp: 'stopping'}), {kind: 'lose'})
  assert.equal(decideError(unsent, {givenUp: 'stopping'}, false), {kind: 'leave'})
})

test.run()
