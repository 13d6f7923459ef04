import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import {deadline} from '../support/deadline.ts'
import {type Served, withHttp} from '../support/http.ts'
import {type Finished, runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('records verb')

interface Running extends Served {
  run(...args: string[]): Promise<Finished>
}

function withServer(work: (running: Running) => Promise<void>): Promise<void> {
  return withTempFolder(cwd =>
    withHttp(served =>
      deadline(60_000, async () => {
        await mkdir(join(cwd, 'data'))
        await writeFile(join(cwd, 'data/server.json'), JSON.stringify({url: served.url}))
        await writeFile(join(cwd, 'data/token'), 'admin-token\n')
        await work({...served, run: (...args) => runCommandLine(['records', ...args], {cwd})})
      }),
    ),
  )
}

test('a request is made, changed, noted and shown', () =>
  withServer(async ({run, host}) => {
    const made = await run('request', '--create', '{"subject": "Printer", "status": "open"}', '--json')
    equal(JSON.parse(made.stdout), {id: '1', subject: 'Printer', status: 'open'})
    const changed = await run('request', '1', '--update', '{"status": "closed"}', '--note', 'Done', '--public')
    is(changed.code, 0, changed.stderr)
    match(changed.stdout, /^status +closed$/m)
    match(changed.stdout, /^notes:\n {2}\S+ admin \(public\): Done$/m)
    is((await host.listNotes('1')).length, 1)
  }))

test('records are listed by value and by page, and fields by their ids', () =>
  withServer(async ({run, host}) => {
    for (const subject of ['one', 'two', 'three']) {
      await host.createRecord('request', {subject, floor: subject === 'two' ? 2 : 1}, 'x')
    }
    match((await run('request', '-n', '1')).stdout, /^REQUEST .*\n3 .*three\n1 to 1 of 3: see more with --offset 1\n$/)
    const found = await run('request', '--where', 'floor:=2', '--where', 'subject=two', '--json')
    is(JSON.parse(found.stdout).total, 1)
    is(JSON.parse((await run('request', '--where', 'floor=2', '--json')).stdout).total, 0)
    match((await run('request', '--fields')).stdout, /^subject +Subject +text +required$/m)
    match((await run('user')).stdout, /^There is none$/m)
  }))

test('what the server refuses is told with its reason; what makes no sense is wrong use', () =>
  withServer(async ({run}) => {
    const refused = await run('request', '--create', '{}')
    equal([refused.code, /no subject/.test(refused.stderr)], [1, true])
    const missing = await run('asset', '9')
    equal([missing.code, /Cannot find asset "9"/.test(missing.stderr)], [1, true])
    const wrong = [
      ['ticket'],
      ['request', '7', '--create', '{}'],
      ['request', '--update', '{}'],
      ['asset', '7', '--note', 'x'],
      ['request', '--where', 'open'],
      ['request', '--where', 'floor:=two'],
      ['request', '--create', '[]'],
    ]
    for (const args of wrong) is((await run(...args)).code, 2, args.join(' '))
  }))

test.run()
