import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {isHostError} from '../../host/errors.ts'
import {METHODS} from '../../runtime/protocol.ts'
import {deadline} from '../support/deadline.ts'
import {executeParams, withLauncher} from '../support/fixture-process.ts'

const test = suite('limits of the wire')
const MIB = 1024 * 1024

test('more bytes than the queue takes are refused as busy, not kept', () =>
  deadline(
    30_000,
    withLauncher({queueBytes: 4 * MIB}, async ({launch}) => {
      const plugin = await launch('spins')
      void plugin.call(METHODS.execute, executeParams('run')).catch(() => {})
      const calls = Array.from({length: 12}, () =>
        plugin.call(METHODS.execute, executeParams('echo', 'x'.repeat(MIB))).catch(error => error as unknown),
      )
      const refused = await Promise.race(calls)
      assert.ok(isHostError(refused, 'PLUGIN_BUSY'), String(refused))
      plugin.end('stopped', 'the test is over')
      const errors = await Promise.all(calls)
      assert.ok(errors.some(error => isHostError(error, 'PLUGIN_CRASHED')))
    }),
  ))

test('more messages than the queue takes are refused as busy', () =>
  deadline(
    30_000,
    withLauncher({queueMessages: 100}, async ({launch}) => {
      const plugin = await launch('spins')
      void plugin.call(METHODS.execute, executeParams('run')).catch(() => {})
      const text = 'x'.repeat(20_000)
      const calls = Array.from({length: 400}, () =>
        plugin.call(METHODS.execute, executeParams('echo', text)).catch(error => error as unknown),
      )
      assert.ok(isHostError(await Promise.race(calls), 'PLUGIN_BUSY'))
      plugin.end('stopped', 'the test is over')
      await Promise.all(calls)
    }),
  ))

test('a process that does not read is ended', () =>
  deadline(
    30_000,
    withLauncher({writeStuckMs: 300, memoryCheckMs: 100}, async ({launch}) => {
      const plugin = await launch('spins')
      const lost = [
        plugin.call(METHODS.execute, executeParams('run')),
        plugin.call(METHODS.execute, executeParams('echo', 'x'.repeat(8 * MIB))),
      ]
      const settled = await Promise.allSettled(lost)
      assert.ok(settled.every(each => each.status === 'rejected' && isHostError(each.reason, 'PLUGIN_CRASHED')))
      assert.is((await plugin.exited).reason, 'writeStuck')
    }),
  ))

test('an answer of nearly 16 MiB comes through whole', () =>
  deadline(
    30_000,
    withLauncher({}, async ({launch}) => {
      const plugin = await launch('echo')
      const text = 'ü'.repeat(7 * MIB)
      const answer = (await plugin.call(METHODS.execute, executeParams('echo', text))) as {output: string}
      assert.ok(answer.output === text)
    }),
  ))

test('a plugin that speaks another protocol is told apart, with both versions and the remedy', () =>
  deadline(
    30_000,
    withLauncher({}, async ({launch}) => {
      const command = [process.execPath, '{bundle}/main.cjs']
      const error = await launch('wrong-protocol', {program: {command}}).catch(reason => reason as unknown)
      assert.ok(isHostError(error, 'PLUGIN_PROTOCOL_MISMATCH'))
      assert.match(error.message, /it speaks protocol 99 and this host 1.*\n/)
    }),
  ))

test.run()
