import {DatabaseSync} from 'node:sqlite'
import {suite} from 'uvu'
import {equal, is, match, ok} from 'uvu/assert'
import {createHost, createLog, loadConfig} from '../../host/index.ts'
import {SECRET_MASK} from '../../host/types.ts'
import {eventually} from '../support/deadline.ts'
import {CONFIGS, messagesOf, refusal, serving, type UpgradeTest, withUpgrades} from '../support/upgrade.ts'

const test = suite('migrated configurations')
const SECRET = 'a-password-nobody-knows'
const OLD = {server: 'dc1', password: SECRET}
/** As the plugin tells them. */
const TOLD_OLD = {server: 'dc1', password: SECRET.length}
const TOLD_NEW = {password: SECRET.length, url: 'ldap://dc1'}

const config = (version: number): NonNullable<(typeof CONFIGS)[number]> => CONFIGS[version] ?? {schema: {}}

async function installOld({host, build}: UpgradeTest, modes: {[id: string]: string | undefined}): Promise<void> {
  await host.installBundle(await build('1.0.0', {config: config(1)}))
  for (const [id, mode] of Object.entries(modes)) {
    await host.createRegistration({plugin: 'upgrades', id, name: id, config: {...OLD, ...(mode && {mode})}})
  }
}

test('a new version gets what its migrate makes of each configuration, and going back brings the old one back', () =>
  withUpgrades(async test => {
    const {host, build, look} = test
    await installOld(test, {one: undefined, off: undefined})
    await host.updateRegistration('off', {enabled: false})
    equal((await look('one')).config, TOLD_OLD)

    await host.installBundle(await build('2.0.0', {config: config(2)}), {activate: false})
    const preview = await host.previewUpgrade('upgrades', '2.0.0')
    equal(preview.registrations, [
      {registration: 'one', migrated: true, ok: true, breaks: false, problems: []},
      {registration: 'off', migrated: true, ok: true, breaks: false, problems: []},
    ])
    is(preview.ok, true)
    equal(host.getRegistration('one').config, {server: 'dc1', password: SECRET_MASK}, 'a preview keeps nothing')

    await host.activatePlugin('upgrades', '2.0.0')
    equal(await look('one'), {version: '2.0.0', config: TOLD_NEW})
    equal(host.getRegistration('one').config, {password: SECRET_MASK, url: 'ldap://dc1'})
    equal(host.getRegistration('off').config, {password: SECRET_MASK, url: 'ldap://dc1'}, 'one that is off as well')
    await host.updateRegistration('one', {config: {url: 'ldap://dc2', password: SECRET_MASK}})

    await host.activatePlugin('upgrades', '1.0.0')
    equal(await look('one'), {version: '1.0.0', config: TOLD_OLD})
    equal(host.getRegistration('one').config, {server: 'dc1', password: SECRET_MASK})
    await host.updateRegistration('one', {config: {server: 'dc3', password: SECRET_MASK}})

    await host.activatePlugin('upgrades', '2.0.0')
    equal((await look('one')).config, {password: SECRET.length, url: 'ldap://dc3'}, 'migrated anew')
    const told = JSON.stringify([host.readLogs('upgrades', {lines: 2000}), preview])
    ok(!told.includes(SECRET), 'nothing tells the secret')
  }))

test('a migrated configuration is there after a restart, and so is the way back', () =>
  withUpgrades(async test => {
    const {host, build, folder} = test
    await installOld(test, {one: undefined})
    await host.installBundle(await build('2.0.0', {config: config(2)}))
    await host.stop()
    const database = new DatabaseSync(`${folder}/data/plugin-host.db`)
    const rows = database.prepare('SELECT registration, version FROM previous_configs').all()
    database.close()
    equal(
      rows.map(row => ({...row})),
      [{registration: 'one', version: 1}],
    )

    const settings = {dataFolder: `${folder}/data`, process: {drainMs: 1000, terminateMs: 500}}
    const again = await createHost({config: loadConfig(settings), log: createLog('silent')})
    try {
      const look = async () => (await again.host.execute({registration: 'one', action: 'look', input: {}})).output
      equal(await look(), {version: '2.0.0', config: TOLD_NEW})
      await again.host.rotateKey()
      await again.host.activatePlugin('upgrades', '1.0.0')
      equal(await look(), {version: '1.0.0', config: TOLD_OLD})
    } finally {
      await again.host.stop()
    }
  }))

test('a migrate that throws, answers nonsense or dies refuses the version, and everything stays as it was', () =>
  withUpgrades(async test => {
    const {host, build, look} = test
    await installOld(test, {crashing: 'crashes', fine: undefined, throwing: 'throws', unfit: 'unfit'})
    const {pid} = host.getPlugin('upgrades').process ?? {}
    const refused = await refusal(host.installBundle(await build('2.0.0', {config: config(2)})))
    is(refused.code, 'UPGRADE_BREAKS')
    const problems = messagesOf(refused).join('\n')
    match(problems, /\/registrations\/crashing it cannot be migrated from version 1 to 2: .*process ended/)
    match(problems, /\/registrations\/throwing it cannot be migrated from version 1 to 2: no way with \[secret\]/)
    match(problems, /\/registrations\/unfit it does not fit: .*\/url must be string/)
    ok(!problems.includes('/registrations/fine'), problems)
    equal([serving(host), host.getPlugin('upgrades').process?.pid], ['1.0.0', pid])
    equal((await look('crashing')).config, {...TOLD_OLD, mode: 'crashes'})

    // Forced, the one that fits is migrated; the others keep what they have until somebody changes it.
    await host.activatePlugin('upgrades', '2.0.0', {force: true})
    equal((await look('fine')).config, TOLD_NEW)
    is((await refusal(look('throwing'))).code, 'CONFIG_INVALID')
    await host.updateRegistration('throwing', {config: {url: 'ldap://dc1', password: SECRET}})
    equal((await look('throwing')).config, {url: 'ldap://dc1', password: SECRET.length})
    await host.activatePlugin('upgrades', '1.0.0', {force: true})
    equal((await look('crashing')).config, {...TOLD_OLD, mode: 'crashes'})
    equal((await look('fine')).config, TOLD_OLD)
  }))

test('a version that asks for another shape and offers no migrate is refused', () =>
  withUpgrades(async ({host, folder, build}) => {
    await host.installBundle(await build('1.0.0', {config: config(1)}))
    await host.createRegistration({plugin: 'upgrades', id: 'one', name: 'One', config: OLD})
    const {buildFixture} = await import('../support/fixture-bundle.ts')
    const path = await buildFixture(folder, 'echo', {id: 'upgrades', version: '2.0.0', config: config(2)})
    const refused = await refusal(host.installBundle(path))
    match(messagesOf(refused).join(), /version 2.0.0 of the plugin offers no migrate/)
  }))

test('a swap that fails leaves the configurations of the version that serves', () =>
  withUpgrades(async test => {
    const {host, build, look} = test
    await installOld(test, {one: undefined})
    const change = {config: config(2), process: {selfTest: 'connection' as const, swap: 'stop-first' as const}}
    const refused = await refusal(host.installBundle(await build('2.0.0-untested', change)))
    is(refused.code, 'PLUGIN_SWAP_FAILED')
    equal(await look('one'), {version: '1.0.0', config: TOLD_OLD})
    equal(host.getRegistration('one').config, {server: 'dc1', password: SECRET_MASK})
  }))

test('a version that is taken back in its first minute gives the configurations back, too', () =>
  withUpgrades(async test => {
    const {host, build, look} = test
    await installOld(test, {one: undefined})
    await host.installBundle(await build('2.0.0', {config: config(2)}))
    equal((await look('one')).config, TOLD_NEW)
    const crash = () => host.execute({registration: 'one', action: 'order', input: {model: 'crashes'}})
    for (let round = 0; round < 2; round++) {
      is((await crash()).status, 'failed')
      await eventually(20_000, () => host.getPlugin('upgrades').state.name === 'running')
    }
    await eventually(20_000, () => serving(host) === '1.0.0', 'the version before')
    equal(await look('one'), {version: '1.0.0', config: TOLD_OLD})
    equal(host.getRegistration('one').config, {server: 'dc1', password: SECRET_MASK})
  }))

test('two configurations that become the same once migrated are refused', () =>
  withUpgrades(async test => {
    const {host, build} = test
    await host.installBundle(await build('1.0.0', {config: {...config(1), uniqueId: ['server', 'mode']}}))
    for (const id of ['one', 'two']) {
      await host.createRegistration({plugin: 'upgrades', id, name: id, config: {...OLD, mode: id}})
    }
    const same = {...config(2), uniqueId: ['url']}
    const refused = await refusal(host.installBundle(await build('2.0.0', {config: same})))
    match(messagesOf(refused).join(), /"two" has the same url/)
  }))

test('a configuration changed while a version is being activated is not lost', () =>
  withUpgrades(async test => {
    const {host, build, look} = test
    await installOld(test, {one: undefined})
    const path = await build('2.0.0', {config: config(2)})
    await host.installBundle(path, {activate: false})
    const activating = host.activatePlugin('upgrades', '2.0.0')
    // In the shape of the version that serves: by the time it is its turn, that is no longer the one.
    const changing = refusal(host.updateRegistration('one', {config: {server: 'dc9', password: SECRET_MASK}}))
    await activating
    is((await changing).code, 'CONFIG_INVALID')
    await host.updateRegistration('one', {config: {url: 'ldap://dc9', password: SECRET_MASK}})
    equal((await look('one')).config, {url: 'ldap://dc9', password: SECRET.length})
  }))

test.run()
