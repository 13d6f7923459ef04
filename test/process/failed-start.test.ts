import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {type HostError, isHostError} from '../../host/errors.ts'
import type {ProcessExit} from '../../host/types.ts'
import {deadline} from '../support/deadline.ts'
import {type SpecChange, withLauncher} from '../support/fixture-process.ts'

const test = suite('a failed start')

function failsToStart(fixture: string, code: string, words: RegExp, change: SpecChange = {}): void {
  test(`of ${fixture}: refused with ${code}, nothing left`, () =>
    deadline(
      20_000,
      withLauncher({}, async ({launch}) => {
        const error = (await launch(fixture, {limits: {startTimeoutMs: 1500}, ...change}).catch(
          reason => reason as unknown,
        )) as HostError
        assert.ok(isHostError(error), String(error))
        assert.is(error.code, code)
        assert.match(error.message, words)
        const {exit} = error.details as {exit: ProcessExit}
        assert.ok(exit.code !== null || exit.signal !== null)
      }),
    ))
}
failsToStart('crashes-at-start', 'PLUGIN_START_FAILED', /no configuration file/)
failsToStart('exits-at-start', 'PLUGIN_START_FAILED', /code 9/)
failsToStart('hangs-at-start', 'PLUGIN_START_FAILED', /not ready within 1500 ms/)
failsToStart('spins-at-start', 'PLUGIN_START_FAILED', /not ready within 1500 ms/)
failsToStart('no-plugin', 'PLUGIN_START_FAILED', /default export is no plugin/)
failsToStart('echo', 'PLUGIN_START_FAILED', /it lacks action "missing"/, {actions: ['echo', 'missing']})

test.run()
