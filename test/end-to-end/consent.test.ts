import {existsSync} from 'node:fs'
import {readdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match, not, ok} from 'uvu/assert'
import {loadConfig, startServer} from '../../host/index.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withTempFolder} from '../support/temp.ts'
import {messagesOf, refusal, serving, withUpgrades} from '../support/upgrade.ts'

const test = suite('consent')
const KV = {hostApi: ['kv.set' as const]}

test('a version that asks for more waits for consent, which stays given', () =>
  withUpgrades(async ({host, build}) => {
    await host.installBundle(await build('1.0.0', {permissions: KV}))
    const more = {permissions: {...KV, net: ['api.example.com'], exec: true}}
    const refused = await refusal(host.installBundle(await build('2.0.0', more)))
    is(refused.code, 'CONSENT_NEEDED')
    match(refused.message, /network \(api.example.com\), other programs\nIt is installed, and staged/)
    equal(messagesOf(refused), ['/permissions/net asks for api.example.com', '/permissions/exec asks for exec'])
    is(serving(host), '1.0.0')
    is(
      (await refusal(host.activatePlugin('upgrades', '2.0.0', {force: true}))).code,
      'CONSENT_NEEDED',
      'force is no consent',
    )

    const preview = await host.previewUpgrade('upgrades', '2.0.0')
    equal(
      [preview.ok, preview.needsConsent, preview.permissions],
      [true, true, {added: {net: ['api.example.com'], exec: true}, removed: {}, grows: true}],
    )
    is((await host.activatePlugin('upgrades', '2.0.0', {consent: true, by: 'ann'})).to, '2.0.0')
    ok(host.readLogs('upgrades').some(({message}) => /^Consent to network .* was given \(ann\)/.test(message)))

    // Less needs no consent; neither does what was agreed to once, nor another version that asks for as much.
    await host.activatePlugin('upgrades', '1.0.0')
    await host.activatePlugin('upgrades', '2.0.0')
    is((await host.installBundle(await build('2.1.0', more))).activated, true)
    const other = await build('2.2.0', {permissions: {...more.permissions, net: ['api.example.com', 'b.example.com']}})
    not.match((await refusal(host.installBundle(other))).message, /api.example.com/)
  }))

test('a swap that fails records no consent', () =>
  withUpgrades(async ({host, folder, build}) => {
    await host.installBundle(await build('1.0.0', {permissions: KV}))
    const more = {permissions: {...KV, exec: true}}
    const path = await buildFixture(folder, 'crashes-at-start', {id: 'upgrades', version: '2.0.0', ...more})
    is((await refusal(host.installBundle(path, {consent: true}))).code, 'PLUGIN_SWAP_FAILED')
    is((await refusal(host.installBundle(await build('2.0.1', more)))).code, 'CONSENT_NEEDED')
  }))

test('a program of its own asks for everything, and is not started before consent', () =>
  withUpgrades(async ({host, folder, build}) => {
    await host.installBundle(await build('1.0.0', {permissions: KV}))
    await host.execute({registration: 'upgrades', action: 'look', input: {}})
    const process = {command: ['/bin/sh', '-c', `touch ${folder}/was-here`]}
    const path = await buildFixture(folder, 'upgrades', {version: '2.0.0', process, actions: {look: {effect: 'read'}}})
    const refused = await refusal(host.installBundle(path))
    match(refused.message, /network \(\*\), other programs/)
    const {rehearsal} = await host.previewUpgrade('upgrades', '2.0.0', {rehearse: 3})
    equal([rehearsal?.skipped, rehearsal?.same], [1, 0])
    match(rehearsal?.executions[0]?.message ?? '', /not started before consent/)
    is(existsSync(`${folder}/was-here`), false)
    is(
      (await refusal(host.activatePlugin('upgrades', '2.0.0', {consent: true, force: true}))).code,
      'PLUGIN_SWAP_FAILED',
    )
    is(existsSync(`${folder}/was-here`), true, 'started it would have been seen')
  }))

test('a bundle in the drop folder that asks for more is staged, and gone from there', () =>
  withTempFolder(folder =>
    deadline(60_000, async () => {
      const dataFolder = join(folder, 'data')
      const config = loadConfig({dataFolder, logLevel: 'silent', http: {port: 0}, bundle: {dropSettleMs: 50}})
      const {host, stop} = await startServer(config)
      try {
        await host.installBundle(await buildFixture(folder, 'echo'))
        const path = await buildFixture(folder, 'echo', {version: '2.0.0', permissions: {exec: true}})
        await writeFile(join(dataFolder, 'drop', 'echo.fp'), await readFile(path))
        await eventually(20_000, () => host.getPlugin('echo').versions.length === 2, 'the staged version')
        await eventually(20_000, async () => (await readdir(join(dataFolder, 'drop'))).length === 0, 'an empty folder')
        is(host.getPlugin('echo').version, '1.0.0')
        is((await host.activatePlugin('echo', '2.0.0', {consent: true})).to, '2.0.0')
      } finally {
        await stop()
      }
    }),
  ))

test.run()
