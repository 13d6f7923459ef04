import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import type {EventResult, Rule, Schedule} from '../../host/types.ts'
import {deadline} from '../support/deadline.ts'
import {withHttp} from '../support/http.ts'
import {type Finished, runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('workflow verbs')

function withServer(work: (run: (...args: string[]) => Promise<Finished>, cwd: string) => Promise<void>) {
  return (): Promise<void> =>
    withTempFolder(cwd =>
      withHttp(({url}) =>
        deadline(120_000, async () => {
          await mkdir(join(cwd, 'data'))
          await writeFile(join(cwd, 'data/server.json'), JSON.stringify({url}))
          await writeFile(join(cwd, 'data/token'), 'admin-token\n')
          await work((...args) => runCommandLine(args, {cwd}), cwd)
        }),
      ),
    )
}

const RULE = {
  id: 'joiner',
  name: 'Joiner',
  trigger: {kind: 'event', events: ['request.created']},
  actions: [{key: 'create', registration: 'echo', action: 'echo', mapping: 'user'}],
}

test(
  'a rule is made, an event starts it, its runs are listed, it is switched and removed',
  withServer(async (run, cwd) => {
    await writeFile(join(cwd, 'rule.json'), JSON.stringify(RULE))
    is((await run('rules', '--create', '@rule.json')).stdout, 'joiner: created\n')
    match((await run('rules')).stdout, /1 +joiner +Joiner +on +request\.created/)
    await run('records', 'request', '--create', '{"subject": "Printer"}')
    const sent = await run('event', 'request.created', '--record', 'request:1', '--id', 'ev-1', '--json')
    const {duplicate, runs} = JSON.parse(sent.stdout) as EventResult
    equal([duplicate, runs.map(({record}) => record)], [false, ['request:1']])
    match((await run('event', 'request.created', '--record', 'request:1', '--id', 'ev-1')).stdout, /had come before/)
    match((await run('event')).stdout, /ev-1 .*request\.created +1 +admin +1/)
    match((await run('rules', 'joiner', '--runs')).stdout, /request:1 +succeeded/)
    match((await run('rules', 'joiner', '--test', 'ev-1')).stdout, /The rule fits/)
    match((await run('rules', 'joiner', '--disable')).stdout, /enabled +no/)
    const moved = await run('rules', 'joiner', '--move', '3', '--json')
    is((JSON.parse(moved.stdout) as Rule).position, 3)
    is((await run('rules', 'joiner', '--duplicate')).stdout, 'joiner-copy: created\n')
    is((await run('rules', 'joiner', '--run', '1')).code, 0)
    is((await run('rules', 'joiner', '--remove')).stdout, 'joiner: removed\n')
    const gone = await run('rules', 'joiner')
    equal([gone.code, /RULE_NOT_FOUND/.test(gone.stderr)], [1, true])
  }),
)

test(
  'a schedule is made, changed, run, previewed and removed',
  withServer(async run => {
    const schedule = {
      id: 'pull',
      name: 'Pull',
      registration: 'echo',
      action: 'echo',
      cron: '0 2 * * *',
      timeZone: 'UTC',
    }
    match((await run('schedules', '--create', JSON.stringify(schedule))).stdout, /^pull: created/)
    const changed = await run('schedules', 'pull', '--update', '{"jitterMs": 5000}', '--json')
    is((JSON.parse(changed.stdout) as Schedule).jitterMs, 5000)
    match((await run('schedules', 'pull', '--run')).stdout, /came to +queued/)
    match((await run('schedules')).stdout, /pull +Pull +on +0 2 \* \* \* \(UTC\)/)
    const preview = await run('schedules', '--preview', '0 2 * * *', '--time-zone', 'Europe/Berlin', '-n', '2')
    is(preview.stdout.trim().split('\n').length, 2)
    is((await run('schedules', 'pull', '--remove')).stdout, 'pull: removed\n')
  }),
)

test(
  'wrong use is told before anything is sent',
  withServer(async run => {
    const cases: [args: string[], reason: RegExp][] = [
      [['event', 'request.created'], /--record is missing/],
      [['event', 'request.created', '--record', 'nope'], /--record/],
      [['rules', '--enable'], /needs an id/],
      [['rules', 'joiner', '--enable', '--disable'], /together/],
      [['rules', '--create', '[]'], /no JSON object/],
      [['schedules', '--run'], /needs an id/],
      [['schedules', '--preview', '* * * * *', '-n', '0'], /1 at least/],
    ]
    for (const [args, reason] of cases) {
      const {code, stderr} = await run(...args)
      is(code, 2, args.join(' '))
      match(stderr, reason)
    }
  }),
)

test.run()
