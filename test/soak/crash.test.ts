import {suite} from 'uvu'
import {equal, ok} from 'uvu/assert'
import {deadline} from '../support/deadline.ts'
import {withTempFolder} from '../support/temp.ts'
import {runSoak} from './run-soak.ts'

const test = suite('crashes of the server')

test('killed over and over while executions are accepted: none is lost, none is done twice', () =>
  deadline(
    240_000,
    withTempFolder(async folder => {
      const {accepted, lost, doubles, damage} = await runSoak({
        cycles: 6,
        rate: 50,
        seed: 7,
        folder,
        program: 'bin/main.ts',
      })
      equal({lost, doubles, damage}, {lost: [], doubles: [], damage: []})
      ok(accepted > 20, `accepted ${accepted}`)
    }),
  ))

test.run()
