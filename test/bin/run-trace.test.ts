import {readFile, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import type {ReplayReport, TraceEntry} from '../../host/index.ts'
import {CONFIG, copyAuthorPlugin, editFile} from '../support/author-plugin.ts'
import {deadline} from '../support/deadline.ts'
import {type Finished, runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'

const LIMIT_MS = 120_000

interface Traced {
  cwd: string
  main: string
  run(...args: string[]): Promise<Finished>
  replay(...args: string[]): Promise<{code: number | null; report: ReplayReport}>
  readTrace(): Promise<TraceEntry[]>
}

/** A folder with the author fixture, and what one action of it left in `t.jsonl`. */
function withTrace(call: string[], work: (traced: Traced) => Promise<void>): Promise<void> {
  return withTempFolder(cwd =>
    deadline(LIMIT_MS, async () => {
      const main = join(await copyAuthorPlugin(cwd), 'main.js')
      const run = (...args: string[]): Promise<Finished> => runCommandLine(['run', 'plugin', ...args], {cwd})
      await run(...call, '--trace', 't.jsonl', ...CONFIG)
      await work({
        cwd,
        main,
        run,
        replay: async (...args) => {
          const {code, stdout, stderr} = await run('--replay', 't.jsonl', '--json', ...args)
          assert.ok(stdout.startsWith('{'), stderr)
          return {code, report: JSON.parse(stdout)}
        },
        readTrace: async () =>
          (await readFile(join(cwd, 't.jsonl'), 'utf8'))
            .trimEnd()
            .split('\n')
            .map(line => JSON.parse(line)),
      })
    }),
  )
}

const test = suite('run-trace')

test('a trace has every message of both ends, in order, and no secret in any form', () =>
  withTrace(['leak'], async ({cwd, readTrace}) => {
    const entries = await readTrace()
    const asked = entries.filter(({message}) => message.method !== undefined && message.id !== undefined)
    assert.equal(
      asked.map(({direction, message}) => [direction, message.method]),
      ['initialize', 'configure', 'execute', 'shutdown'].map(method => ['toPlugin', method]),
    )
    const answered = entries.filter(({message}) => message.method === undefined).map(({message}) => message.id)
    assert.equal(
      answered,
      asked.map(({message}) => message.id),
    )
    assert.ok(entries.some(({direction, message}) => direction === 'fromPlugin' && message.method === 'log'))
    const text = await readFile(join(cwd, 't.jsonl'), 'utf8')
    assert.match(text, /\[secret\]/)
    assert.not.match(text, /hunter2|aHVudGVyMi1odW50ZXIy|4711/)
    assert.is((await stat(join(cwd, 't.jsonl'))).mode & 0o777, 0o600)
  }))

test('a trace replayed against the same plugin has no difference, and against a bundle of it neither', () =>
  withTrace(['greet'], async ({run, replay, cwd}) => {
    const {code, stdout} = await run('--replay', 't.jsonl')
    assert.equal([code, stdout], [0, '4 requests replayed: every answer is as it was\n'])
    await runCommandLine(['build', 'plugin', '--out', 'p.fp'], {cwd})
    assert.is((await runCommandLine(['run', 'p.fp', '--replay', 't.jsonl'], {cwd})).code, 0)
    assert.equal((await replay()).report, {requests: 4, differences: []})
  }))

test('each answer that differs is told by pointer, before and now, and the exit code is 1', () =>
  withTrace(['greet'], async ({main, run, replay}) => {
    await editFile(main, 'Hello, ', 'Hi, ')
    const {code, report} = await replay()
    assert.is(code, 1)
    const place = {method: 'execute', id: 2, pointer: '/result/output/greeting'}
    assert.equal(report.differences, [{...place, before: 'Hello, Ann', now: 'Hi, Ann'}])
    const {stdout} = await run('--replay', 't.jsonl')
    assert.match(stdout, /^execute #2 \/result\/output\/greeting\n {2}before "Hello, Ann"\n {2}now {4}"Hi, Ann"\n/)
    await editFile(main, "console.log('printed while greeting')", 'process.exit(7)')
    const crashed = await replay()
    assert.equal(
      crashed.report.differences.map(({method, pointer, now}) => [method, pointer, now]),
      [
        ['execute', '', undefined],
        ['shutdown', '', undefined],
      ],
    )
  }))

test('what the plugin asks the host is answered from the trace, and a changed question is told', () =>
  withTrace(['count'], async ({main, replay}) => {
    assert.equal((await replay()).report.differences, [])
    await editFile(main, '+ 1', '+ 2')
    const differences = (await replay()).report.differences.map(({method, pointer, before, now}) => [
      method,
      pointer,
      before,
      now,
    ])
    assert.equal(differences, [
      ['execute', '/result/output/count', 1, 2],
      ['kv.set', '/params/value', 1, 2],
    ])
    await editFile(main, "await host.kv.set('count', count)", '')
    const unasked = (await replay()).report.differences.at(-1)
    assert.equal([unasked?.method, unasked?.now], ['kv.set', undefined])
  }))

test('a cancelled call replays', () =>
  withTrace(['wait', '--deadline', '100'], async ({replay, readTrace}) => {
    assert.ok((await readTrace()).some(({message}) => message.method === '$/cancelRequest'))
    assert.equal((await replay()).report.differences, [])
  }))

test('a configuration given to a replay stands in for the masked one, its secrets still out of the report', () =>
  withTrace(['leak'], async ({main, replay}) => {
    assert.equal((await replay(...CONFIG)).report.differences, [])
    const masked = (await replay()).report.differences.map(({pointer}) => pointer)
    assert.equal(masked, ['/result/output/token', '/result/message'], 'the recorded configuration has masks only')
    await editFile(main, 'output: {token: config.token}', "output: {token: config.token + '!'}")
    assert.equal((await replay(...CONFIG)).report.differences[0]?.now, '[secret]!')
  }))

test('what is no trace is wrong use, and the line is named', () =>
  withTrace(['greet'], async ({run, cwd}) => {
    await writeFile(
      join(cwd, 'bad.jsonl'),
      '{"at":1,"direction":"toPlugin","message":{"method":"initialize"}}\nnonsense\n',
    )
    const bad = await run('--replay', 'bad.jsonl')
    assert.is(bad.code, 2)
    assert.match(bad.stderr, /line 2 is no/)
    await writeFile(join(cwd, 'empty.jsonl'), '\n')
    assert.match((await run('--replay', 'empty.jsonl')).stderr, /it has no initialize/)
  }))

test.run()
