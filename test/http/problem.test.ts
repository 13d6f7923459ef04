import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {ERRORS, type ErrorCode, HostError} from '../../host/errors.ts'
import {describeFailure} from '../../host/http/problem.ts'

const test = suite('problem')

test('every code of the table becomes a problem with its status, a title and its message', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const error = new HostError(code)
    const {status, problem} = describeFailure(error, 'r1')
    assert.is(status, ERRORS[code][0])
    assert.equal([problem.status, problem.code, problem.detail], [status, code, error.message])
    assert.is(problem.type, `urn:plugin-host:error:${code}`)
    assert.ok(problem.title.length > 2)
  }
})

test('an unexpected error says nothing of itself', () => {
  const {problem, unexpected} = describeFailure(new TypeError('the password is hunter2'), 'r7')
  assert.ok(unexpected)
  assert.equal([problem.status, problem.code, problem.instance], [500, 'HOST_INTERNAL', 'urn:plugin-host:request:r7'])
  assert.not.match(JSON.stringify(problem), 'hunter2')
})

test('what is no error at all is unexpected too', () => {
  for (const thrown of [undefined, null, 'text', {statusCode: 400, message: 'mine'}]) {
    assert.is(describeFailure(thrown, 'r1').status, 500)
  }
})

test('a status on a foreign error is believed only when the framework set it', () => {
  const foreign = Object.assign(new Error('secret'), {statusCode: 400, code: 'MINE'})
  assert.is(describeFailure(foreign, 'r1').status, 500)
  const framework = Object.assign(new Error('reach parts limit'), {statusCode: 413, code: 'FST_PARTS_LIMIT'})
  assert.is(describeFailure(framework, 'r1').problem.code, 'REQUEST_TOO_LARGE')
})

test('waiting is told in whole seconds, never zero', () => {
  const wait = (details: object): string | undefined =>
    describeFailure(new HostError('PLUGIN_BUSY', {id: 'p', ...details}), 'r1').headers['retry-after']
  assert.equal([wait({retryAfterMs: 1}), wait({retryAfterMs: 2500}), wait({})], ['1', '3', '1'])
  assert.is(describeFailure(new HostError('HOST_STOPPING'), 'r1').headers['retry-after'], '1')
  assert.is(describeFailure(new HostError('PLUGIN_NOT_FOUND', {id: 'p'}), 'r1').headers['retry-after'], undefined)
})

test('problems are listed with their known keys only', () => {
  const problems = [
    {code: 'ZIP_LINK', place: 'a/b', message: 'is a link', remedy: 'pack files only', buffer: 'secret'},
    {message: 7},
    'text',
    null,
  ]
  const {problem} = describeFailure(new HostError('BUNDLE_UNREADABLE', {reason: 'x', problems}), 'r1')
  assert.equal(problem.problems, [{code: 'ZIP_LINK', place: 'a/b', message: 'is a link', remedy: 'pack files only'}])
})

test.run()
