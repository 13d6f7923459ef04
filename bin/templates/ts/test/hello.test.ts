import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {join} from 'node:path'
import {test} from 'node:test'

const folder = join(import.meta.dirname, '..')

test('hello greets by name', () => {
  const input = JSON.stringify({name: 'Ann'})
  const args = ['plugin-host', 'run', folder, 'hello', '--input', input, '--json']
  const outcome = JSON.parse(execFileSync('npx', args, {encoding: 'utf8', shell: process.platform === 'win32'}))
  assert.equal(outcome.status, 'succeeded')
  assert.deepEqual(outcome.output, {greeting: 'Hello, Ann'})
})
