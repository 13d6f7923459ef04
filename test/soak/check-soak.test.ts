import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import type {ExecutionStatus} from '../../host/types.ts'
import {checkSoak, parseLedger, type SoakResult} from './check-soak.ts'

const test = suite('check soak')

/** Text for each: `put 1 a succeeded`. */
function result(lines: string[], ledger: string): SoakResult {
  const parsed = lines.map(line => {
    const [action = '', n = '', execution = '', status = ''] = line.split(' ')
    return {action, n: Number(n), execution, status: status as ExecutionStatus}
  })
  const ended = (status: ExecutionStatus): number | null => (['queued', 'running'].includes(status) ? null : 1)
  const found = parsed.filter(({status}) => status)
  return {
    accepted: parsed,
    executions: new Map(
      found.map(({execution, status}) => [execution, {status, endedAt: ended(status), message: 'why'}]),
    ),
    ledger: parseLedger(ledger),
  }
}

test('what went well is only counted', () => {
  const lines = ['put 1 a succeeded', 'send 2 b succeeded', 'send 3 c unknown', 'send 4 d unknown', 'put 1 a succeeded']
  const report = checkSoak(result(lines, 'a put 1\na put 1\nb send 2\nc send 3\n'))
  equal(report, {accepted: 4, states: {succeeded: 2, unknown: 2}, lost: [], doubles: []})
})

const BAD: {title: string; lines: string[]; ledger: string; lost?: RegExp; doubles?: RegExp}[] = [
  {title: 'one that is gone', lines: ['send 1 a'], ledger: '', lost: /^a send: missing$/},
  {title: 'one that never ends', lines: ['send 1 a queued'], ledger: '', lost: /^a send: queued$/},
  {
    title: 'an idempotent one that failed',
    lines: ['put 1 a failed'],
    ledger: 'a put 1\n',
    lost: /^a put: failed, why$/,
  },
  {title: 'one told as done that was not', lines: ['send 1 a succeeded'], ledger: '', lost: /was not done$/},
  {title: 'half a line of the ledger', lines: ['send 1 a succeeded'], ledger: 'a send 1', lost: /was not done$/},
  {title: 'one done twice', lines: ['send 1 a unknown'], ledger: 'a send 1\na send 1\n', doubles: /^send 1: .*a, a$/},
  {title: 'one done twice as two', lines: [], ledger: 'a send 1\nb send 1\n', doubles: /^send 1: .*a, b$/},
  {
    title: 'a key that became two',
    lines: ['put 1 a succeeded', 'put 1 b succeeded'],
    ledger: 'a put 1\nb put 1\n',
    doubles: /^1: accepted as a, b$/,
  },
]

for (const {title, lines, ledger, lost, doubles} of BAD) {
  test(`${title} is found`, () => {
    const report = checkSoak(result(lines, ledger))
    is(report.lost.length, lost ? 1 : 0)
    is(report.doubles.length, doubles ? 1 : 0)
    match(`${report.lost}${report.doubles}`, lost ?? doubles ?? /never/)
  })
}

test.run()
