import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {Execution} from '../../host/types.ts'
import {deadline} from '../support/deadline.ts'
import {type Served, withHttp} from '../support/http.ts'
import {type Finished, runCommandLine} from '../support/run-command-line.ts'

const test = suite('execution verbs')

interface Running extends Served {
  run(args: string[], input?: string): Promise<Finished>
  runJson(args: string[]): Promise<{code: number | null; data: unknown}>
}

function withServer(work: (running: Running) => Promise<void>): () => Promise<void> {
  return () =>
    withHttp(served =>
      deadline(60_000, () => {
        const env = {PLUGIN_HOST_URL: served.url, PLUGIN_HOST_TOKEN: 'admin-token'}
        const run: Running['run'] = (args, input) => runCommandLine(args, {env, ...(input !== undefined && {input})})
        return work({
          ...served,
          run,
          async runJson(args) {
            const {code, stdout} = await run([...args, '--json'])
            return {code, data: JSON.parse(stdout)}
          },
        })
      }),
    )
}

/** As the host would: it goes on by itself. */
function endLater({host}: Served, id: string, change: Partial<Execution>): void {
  const {getExecution} = host
  let looks = 0
  host.getExecution = wanted => {
    const entry = getExecution(wanted)
    if (wanted !== id || ++looks < 2) return entry
    return {...entry, endedAt: 5, status: 'succeeded', ...change}
  }
}

test(
  'execute by a mapping sends the record’s name, or the record itself',
  withServer(async ({run, host}) => {
    const by = ['execute', 'echo', 'echo', '--mapping', 'joiner', '--record']
    assert.is((await run([...by, 'request:12', '--mode', 'dryRun'])).code, 0)
    assert.is((await run([...by, '-'], '{"id": "7"}')).code, 0)
    assert.equal(
      host.requests.map(({input, mode}) => [input, mode]),
      [
        [{read: 'request:12'}, 'dryRun'],
        [{id: '7'}, undefined],
      ],
    )
  }),
)

test(
  'options that contradict each other are wrong use, and nothing is sent',
  withServer(async ({run, host}) => {
    for (const options of [
      ['--mapping', 'm'],
      ['--record', 'request:1'],
      ['--mapping', 'm', '--record', 'request:1', '--input', '{}'],
      ['--wait'],
      ['--mapping', 'm', '--record', '{nonsense'],
    ]) {
      assert.is((await run(['execute', 'echo', 'echo', ...options])).code, 2, options.join(' '))
    }
    assert.equal(host.requests, [])
  }),
)

test(
  'execute --async tells where to look; with --wait it tells the end, and its exit code too',
  withServer(async served => {
    const {run, runJson, host} = served
    const accepted = await run(['execute', 'echo', 'echo', '--async', '--key', 'k1'])
    assert.is(accepted.code, 0)
    assert.match(accepted.stdout, /^echo: accepted, queued {2}e1\nSee it with "plugin-host executions e1"\n$/)
    assert.is(host.requests[0]?.idempotencyKey, 'k1')
    endLater(served, 'e2', {status: 'failed'})
    const waited = await runJson(['execute', 'echo', 'echo', '--async', '--wait'])
    assert.equal([waited.code, (waited.data as Execution).status], [1, 'failed'])
  }),
)

test(
  'executions asks for every filter, and for the dead ones by each of their states',
  withServer(async ({run, host}) => {
    const asked: object[] = []
    host.listExecutions = (filter = {}) => {
      asked.push(filter)
      return []
    }
    const some = ['--action', 'a', '--mode', 'test', '--by', 'ann', '--record', 'request:1', '-n', '5']
    const when = ['--since', '2026-01-01T00:00:00Z', '--until', '2026-01-02']
    assert.match((await run(['executions', ...some, ...when])).stdout, /^There is none\n$/)
    const since = Date.UTC(2026, 0, 1)
    const shared = {action: 'a', mode: 'test', by: 'ann', record: 'request:1', limit: 5}
    assert.equal(asked, [{...shared, since, until: since + 86_400_000}])
    asked.length = 0
    await run(['executions', '--dead', '--since', '2h'])
    assert.equal(
      asked.map(filter => (filter as {status: string}).status),
      ['failed', 'timedOut', 'unknown', 'cancelled'],
    )
    assert.is(typeof (asked[0] as {since: unknown}).since, 'number')
    for (const time of ['yesterday', '5', '2026-13-45']) {
      assert.is((await run(['executions', '--since', time])).code, 2, time)
    }
  }),
)

test(
  'one execution is shown with its attempts, its input explained, its fence and its effects',
  withServer(async ({run, runJson, host}) => {
    await run(['execute', 'echo', 'echo', '--input', '{"name": "Ann"}'])
    const entry = host.getExecution('e1')
    const error = {code: 'NET', category: 'network', message: 'no route', retryable: true} as const
    host.executions.set('e1', {
      ...entry,
      mode: 'dryRun',
      fence: 'sealed',
      record: 'request:12',
      mapping: {name: 'joiner', revision: 3},
      origin: {kind: 'replay', id: 'e0'},
      tries: [{startedAt: 0, durationMs: 7, version: '0.9.0', error}],
      attempts: 2,
      effects: [
        {effect: {op: 'request.note', request: '12', text: 'hi'}, status: 'shown'},
        {effect: {op: 'request.update', request: '12', fields: {a: 1}}, status: 'shown', from: 'mapping'},
      ],
    })
    host.explainInput = () => ({
      mapping: {name: 'joiner', revision: 3},
      rows: [{target: 'name', configured: '{#Subject}', used: 'Ann'}],
    })
    const {stdout} = await run(['executions', 'e1'])
    for (const line of [
      /^record +request:12$/m,
      /^mapping +joiner, revision 3$/m,
      /^because of +replay e0$/m,
      /^dry run, sealed: /m,
      /^1 +1970-01-01T00:00:00\.000Z +7 ms +0\.9\.0 +NET no route$/m,
      /^name +\{#Subject\} +"Ann"$/m,
      /^shown +request\.note 12$/m,
      /^shown +request\.update 12 \(of the mapping\)$/m,
      /^Its log: plugin-host logs echo --execution e1$/m,
    ]) {
      assert.match(stdout, line)
    }
    const {data} = await runJson(['executions', 'e1'])
    assert.equal((data as {explained: {rows: unknown[]}}).explained.rows.length, 1)
  }),
)

test(
  'replay and cancel tell what came of them',
  withServer(async served => {
    const {run, host} = served
    await run(['execute', 'echo', 'echo', '--input', '5'])
    const again = await run(['replay', 'e1', '--mode', 'dryRun'])
    assert.match(again.stdout, /^echo: accepted, queued {2}e2\n/)
    assert.equal([host.requests[1]?.mode, host.requests[1]?.input], ['dryRun', 5])
    assert.match((await run(['cancel', 'e2'])).stdout, /^e2: asked to end, queued\n$/)
    assert.match((await run(['cancel', 'e1'])).stdout, /^e1: succeeded\n$/)
    assert.is((await run(['replay', 'e9'])).code, 1)
    endLater(served, 'e3', {})
    assert.match((await run(['replay', 'e1', '--wait'])).stdout, /^succeeded \(1 ms\) {2}e3\n/)
  }),
)

test(
  'retry lists what it finds, and does it only when told so',
  withServer(async ({run, runJson, host}) => {
    await run(['execute', 'echo', 'fail'])
    const asked: unknown[] = []
    const {retryExecutions} = host
    host.retryExecutions = (which, by) => {
      asked.push(which)
      return retryExecutions(which, by)
    }
    const listed = await run(['retry', '--status', 'failed'])
    assert.match(listed.stdout, /^EXECUTION.*\ne1 .*\n\nThese would be executed again: say so with --yes\n$/s)
    assert.equal(asked, [])
    assert.match((await run(['retry', '--status', 'failed', '--yes'])).stdout, /^e1 +again as e1-again$/m)
    const some = await runJson(['retry', 'e1', 'e9'])
    assert.is(some.code, 1, 'one of them was refused')
    assert.equal(asked, [{executions: ['e1']}, {executions: ['e1', 'e9']}])
    assert.is((await run(['retry', '--status', 'succeeded', '--yes'])).code, 2)
    assert.match((await run(['retry', '--plugin', 'none', '--yes'])).stdout, /^There is none to retry\n$/)
  }),
)

test.run()
