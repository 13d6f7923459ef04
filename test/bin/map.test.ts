import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import {deadline} from '../support/deadline.ts'
import {type Served, withHttp} from '../support/http.ts'
import {type Finished, runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('map verb')

const GOOD = '{"action": "echo", "rows": [{"target": "text", "template": "{#Subject}", "missing": {"default": "x"}}]}'
const OPEN = '{"action": "echo", "rows": [{"target": "text", "template": "to {#Subject"}]}'

interface Running extends Served {
  run(...args: string[]): Promise<Finished>
  folder: string
}

function withServer(work: (running: Running) => Promise<void>): Promise<void> {
  return withTempFolder(folder =>
    withHttp(served =>
      deadline(60_000, async () => {
        await mkdir(join(folder, 'data'))
        await writeFile(join(folder, 'data/server.json'), JSON.stringify({url: served.url}))
        await writeFile(join(folder, 'data/token'), 'admin-token\n')
        await work({...served, folder, run: (...args) => runCommandLine(['map', ...args], {cwd: folder})})
      }),
    ),
  )
}

test('a mapping is saved from text and file, shown, listed and removed', () =>
  withServer(async ({run, folder}) => {
    const made = await run('echo', 'urgent', '--set', GOOD)
    is(made.code, 0, made.stderr)
    match(made.stdout, /^mapping +echo\/urgent$/m)
    match(made.stdout, /^text +\{#Subject\} +default "x"$/m)
    await writeFile(join(folder, 'm.json'), GOOD)
    is(JSON.parse((await run('echo', 'urgent', '--set', '@m.json', '--json')).stdout).revision, 2)
    match((await run('echo')).stdout, /^MAPPING .*\nurgent +echo +request +1 +2 /)
    match((await run('echo', 'urgent', '--remove')).stdout, /^echo\/urgent: removed$/m)
    match((await run('echo')).stdout, /^There is none$/m)
    const gone = await run('echo', 'urgent')
    equal([gone.code, gone.stderr.includes('MAPPING_NOT_FOUND')], [1, true])
  }))

test('what is wrong with a template is told with the character, counted from 1', () =>
  withServer(async ({run}) => {
    const {code, stderr} = await run('echo', 'urgent', '--set', OPEN)
    is(code, 1)
    match(stderr, /PLACEHOLDER_OPEN \/rows\/0\/template:4 The placeholder is not closed — Close it with \}/)
  }))

test('a preview shows each row, and fails where there is something wrong', () =>
  withServer(async ({run}) => {
    await run('echo', 'urgent', '--set', GOOD)
    const {code, stdout} = await run('echo', 'urgent', '--preview', 'request:1')
    is(code, 0)
    match(stdout, /^PARAMETER +TEMPLATE +VALUE\ntext +\{#Subject\} +"\{#Subject\}"$/m)
    const unsaved = await run('echo', '--preview', '{"id": "1"}', '--with', OPEN)
    equal([unsaved.code, unsaved.stdout.includes('PLACEHOLDER_OPEN /rows/0/template:4')], [1, true])
  }))

test('options that contradict each other are refused before anything is asked', () =>
  withServer(async ({run}) => {
    const attempts: string[][] = [
      ['echo', 'urgent', '--set', GOOD, '--remove'],
      ['echo', '--set', GOOD],
      ['echo', '--remove'],
      ['echo', '--preview', '1'],
      ['echo', 'urgent', '--preview', '1', '--with', GOOD],
      ['echo', '--with', GOOD],
      ['echo', 'urgent', '--set', '{'],
    ]
    for (const args of attempts) is((await run(...args)).code, 2, args.join(' '))
  }))

test.run()
