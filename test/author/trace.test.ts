import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {adaptRequest, dropVolatile} from '../../host/author/replay-request.ts'
import {listHostAnswers, splitTrace, type TraceEntry, type WireMessage} from '../../host/author/trace.ts'
import {PROCESS_DEFAULTS} from '../../host/manifest.ts'
import {NO_PERMISSIONS} from '../support/fixture-process.ts'

const entry = (direction: TraceEntry['direction'], message: Partial<WireMessage>, at = 0): TraceEntry => ({
  at,
  direction,
  message: {jsonrpc: '2.0', ...message},
})
const SPEC = {
  id: 'p',
  version: '2.0.0',
  bundleFolder: '/bundle',
  dataFolder: '/today',
  program: {entry: 'main.cjs'},
  permissions: NO_PERMISSIONS,
  limits: PROCESS_DEFAULTS,
  actions: [],
}

const test = suite('trace')

test('each initialize begins a process of its own; what is before the first belongs to none', () => {
  const entries = [
    entry('fromPlugin', {method: 'log'}),
    entry('toPlugin', {id: 0, method: 'initialize'}),
    entry('toPlugin', {id: 1, method: 'execute'}),
    entry('toPlugin', {id: 0, method: 'initialize'}),
  ]
  assert.equal(
    splitTrace(entries).map(segment => segment.map(({message}) => message.method)),
    [['initialize', 'execute'], ['initialize']],
  )
})

test('what the plugin asked has the host’s answer to that id, not the plugin’s to the same one', () => {
  const answers = listHostAnswers([
    entry('toPlugin', {id: 1, method: 'execute'}),
    entry('fromPlugin', {id: 1, method: 'kv.get', params: {key: 'a'}}),
    entry('fromPlugin', {id: 2, method: 'kv.get', params: {key: 'b'}}),
    entry('fromPlugin', {id: 1, result: 'of execute'}),
    entry('toPlugin', {id: 1, result: {value: 7}}),
  ])
  assert.equal(
    answers.map(({params, answer}) => [params, answer?.result]),
    [
      [{key: 'a'}, {value: 7}],
      [{key: 'b'}, undefined],
    ],
  )
})

test('folders, versions, deadlines and the given configuration are those of today', () => {
  const today = {spec: SPEC, config: {token: 'real'}, now: 9000}
  const paramsOf = (method: string, params: object): {[key: string]: unknown} =>
    adaptRequest(entry('toPlugin', {id: 1, method, params}, 1000), today).params as {[key: string]: unknown}
  const {dataFolder, plugin, process} = paramsOf('initialize', {dataFolder: '/then', plugin: {id: 'p'}, process: 'x'})
  assert.equal([dataFolder, plugin, process], ['/today', {id: 'p', version: '2.0.0'}, 'x'])
  assert.equal(paramsOf('execute', {deadline: 3000, input: 1}), {deadline: 11_000, input: 1})
  assert.equal(paramsOf('configure', {registration: 'r', config: {token: '•'}}).config, {token: 'real'})
  assert.is(paramsOf('configure', {registration: 'r', config: null}).config, null)
})

test('an answer is compared without what differs each time', () => {
  const stages = [{name: 'reach', ok: true, durationMs: 3}]
  assert.equal(dropVolatile({jsonrpc: '2.0', id: 1, result: {ok: true, stages}}), {
    result: {ok: true, stages: [{name: 'reach', ok: true}]},
  })
  const error = {code: -32000, message: 'no', data: {code: 'BUG', stack: 'at ...'}}
  assert.equal(dropVolatile({jsonrpc: '2.0', id: 1, error}), {error: {...error, data: {code: 'BUG'}}})
})

test.run()
