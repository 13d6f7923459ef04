import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match} from 'uvu/assert'
import {loadConfig, type RunningServer, startServer} from '../../host/index.ts'
import type {SwapReport} from '../../host/types.ts'
import {deadline} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {type Finished, runCommandLine} from '../support/run-command-line.ts'
import {withTempFolder} from '../support/temp.ts'
import {ACTIONS, type Change, fields} from '../support/upgrade.ts'

const test = suite('upgrades from the command line')
const text = {type: 'string'}
const quote = {
  effect: 'read' as const,
  input: fields({model: text}, ['model']),
  samples: [{title: 'a', input: {model: 'a'}}],
}

interface Running extends RunningServer {
  run(...args: string[]): Promise<Finished>
  build(version: string, change?: Change): Promise<string>
}

function withServer(work: (running: Running) => Promise<void>): () => Promise<void> {
  return () =>
    withTempFolder(folder =>
      deadline(120_000, async () => {
        const config = loadConfig({dataFolder: join(folder, 'data'), logLevel: 'silent', http: {port: 0}})
        const server = await startServer(config)
        try {
          await work({
            ...server,
            run: (...args) => runCommandLine(args, {cwd: folder}),
            build: (version, {actions, ...change} = {}) =>
              buildFixture(folder, 'upgrades', {version, ...change, actions: {...ACTIONS, ...actions}}),
          })
        } finally {
          await server.stop()
        }
      }),
    )
}

test(
  'a version that breaks a mapping: looked at, refused with what to do, and forced',
  withServer(async ({host, run, build}) => {
    is((await run('install', await build('1.0.0'))).code, 0)
    const rows = [
      {target: 'model', template: 'a'},
      {target: 'note', template: '{#Subject}'},
    ]
    await host.saveMapping('upgrades', 'noted', {action: 'quote', rows}, 't')
    const installed = await run('install', await build('2.0.0', {actions: {quote}}))
    is(installed.code, 1)
    match(installed.stderr, /^UPGRADE_BREAKS .*mapping "noted" of registration "upgrades"$/m)
    match(installed.stderr, /^ {2}MAPPING_BROKEN \/mappings\/upgrades\/noted\/rows\/1/m)
    match(installed.stderr, /^ {2}It is installed, and staged. Mend them first, or go on with --force$/m)

    const preview = await run('activate', 'upgrades', '2.0.0', '--preview')
    is(preview.code, 1)
    match(preview.stdout, /^upgrades 1\.0\.0 -> 2\.0\.0$/m)
    match(preview.stdout, /^schema {6}! actions\/quote\/input \/note removed: it is refused now$/m)
    match(preview.stdout, /^breaks {6}! mapping "noted" of registration "upgrades", \/rows\/1/m)
    match(preview.stdout, /^It is refused without --force$/m)
    is((await run('activate', 'upgrades', '2.0.0')).code, 1)
    match((await run('activate', 'upgrades', '2.0.0', '--force')).stdout, /^upgrades: 1\.0\.0 -> 2\.0\.0 in \d+ ms\n$/)
    is((await run('install', await build('3.0.0', {actions: {quote}}), '--force')).code, 0)
  }),
)

test(
  'a version that asks for more: without a terminal the remedy is told, and --consent agrees',
  withServer(async ({host, run, build}) => {
    await host.installBundle(await build('1.0.0'))
    const path = await build('2.0.0', {permissions: {exec: true}})
    const refused = await run('install', path)
    is(refused.code, 1)
    match(refused.stderr, /^CONSENT_NEEDED .*other programs$/m)
    match(refused.stderr, /^ {2}It is installed, and staged. Agree to it with --consent$/m)
    const preview = await run('activate', 'upgrades', '2.0.0', '--preview')
    equal([preview.code, /^permission {2}\+ other programs$/m.test(preview.stdout)], [0, true])
    match(preview.stdout, /^Nothing speaks against it, but it needs --consent$/m)
    is((await run('install', path)).code, 1, 'the second time as the first')
    const done = await run('install', path, '--consent')
    equal([done.code, /: was installed already, and is active now$/m.test(done.stdout)], [0, true])
  }),
)

test(
  'a rehearsal shows the answers that differ',
  withServer(async ({host, run, build}) => {
    await host.installBundle(await build('1.0.0'))
    await host.execute({registration: 'upgrades', action: 'quote', input: {model: 'T14'}})
    await host.installBundle(await build('2.0.0'), {activate: false})
    const refused = await run('activate', 'upgrades', '2.0.0', '--rehearse', '3')
    is(refused.code, 1)
    match(
      refused.stderr,
      /ANSWER_DIFFERS \/executions\/\w+\/output\/text action "quote": "quote for T14" -> "Quote: T14"/,
    )
    match((await run('activate', 'upgrades', '2.0.0', '--rehearse', 'x')).stderr, /whole number/)
    is((await run('activate', 'upgrades', '2.0.0', '--rehearse', '101')).code, 2)
    const preview = await run('activate', 'upgrades', '2.0.0', '--preview', '--rehearse', '3')
    match(preview.stdout, /^rehearsal {5}0 same, 1 differ, 0 failed, 0 skipped$/m)
    match(preview.stdout, /^ {4}\/output\/text: "quote for T14" -> "Quote: T14"$/m)
    const forced = await run('activate', 'upgrades', '2.0.0', '--rehearse', '3', '--force', '--json')
    const {upgrade} = JSON.parse(forced.stdout) as SwapReport
    equal([forced.code, upgrade?.rehearsal?.differs], [0, 1])
  }),
)

test.run()
