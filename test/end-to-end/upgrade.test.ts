import {suite} from 'uvu'
import {equal, is, match, not, ok} from 'uvu/assert'
import {fields, messagesOf, refusal, serving, withUpgrades} from '../support/upgrade.ts'

const test = suite('upgrades')
const text = {type: 'string'}
const WITHOUT_NOTE = {
  actions: {
    quote: {
      effect: 'read' as const,
      input: fields({model: text}, ['model']),
      samples: [{title: 'one', input: {model: 'T14'}}],
    },
  },
}

test('a version that drops an input field is refused and names the mappings; forced, it goes through', () =>
  withUpgrades(async ({host, build}) => {
    await host.installBundle(await build('1.0.0'))
    const model = {target: 'model', template: 'T14'}
    await host.saveMapping(
      'upgrades',
      'noted',
      {action: 'quote', rows: [model, {target: 'note', template: '{#Subject}'}]},
      't',
    )
    await host.saveMapping('upgrades', 'plain', {action: 'quote', rows: [model]}, 't')
    const schedule = {name: 'Nightly', registration: 'upgrades', action: 'quote', cron: '0 0 1 1 *', timeZone: 'UTC'}
    await host.createSchedule({...schedule, id: 'nightly', input: {model: 'x', note: 'y'}})

    const refused = await refusal(host.installBundle(await build('2.0.0', WITHOUT_NOTE)))
    is(refused.code, 'UPGRADE_BREAKS')
    match(refused.message, /mapping "noted" of registration "upgrades".*"nightly"/)
    match(refused.message, /It is installed, and staged/)
    not.match(refused.message, /plain/)
    ok(
      messagesOf(refused).some(line => /^\/mappings\/upgrades\/noted\/rows\/1/.test(line)),
      messagesOf(refused).join(),
    )
    is(serving(host), '1.0.0', 'nothing has moved')
    is(
      (await host.execute({registration: 'upgrades', action: 'quote', input: {model: 'a', note: 'b'}})).status,
      'succeeded',
    )

    const preview = await host.previewUpgrade('upgrades', '2.0.0')
    equal([preview.from, preview.to, preview.ok, preview.needsConsent], ['1.0.0', '2.0.0', false, false])
    equal(
      preview.schemas.map(({place, field, change, breaking}) => [place, field, change, breaking]),
      [['actions/quote/input', '/note', 'removed', true]],
    )
    equal(
      preview.brokenMappings.map(({mapping}) => mapping),
      ['noted'],
    )
    equal(
      preview.brokenRules.map(({rule}) => rule),
      ['nightly'],
    )

    is((await refusal(host.activatePlugin('upgrades', '2.0.0', {consent: true}))).code, 'UPGRADE_BREAKS')
    const {upgrade, from, to} = await host.activatePlugin('upgrades', '2.0.0', {force: true, by: 'ann'})
    equal([from, to, upgrade?.ok], ['1.0.0', '2.0.0', false])
    is(serving(host), '2.0.0')
    const line = host.readLogs('upgrades').find(({message}) => message.includes('by force'))
    match(line?.message ?? '', /\(ann\), although it breaks mapping "noted"/)

    // What is broken already is not held against the next version; what was mended is.
    const next = await host.installBundle(await build('2.0.1', WITHOUT_NOTE))
    equal([next.activated, serving(host)], [true, '2.0.1'])
    await host.activatePlugin('upgrades', '1.0.0')
    is((await refusal(host.activatePlugin('upgrades', '2.0.0'))).code, 'UPGRADE_BREAKS')
  }))

test('a version without an action is refused for the mappings of that action', () =>
  withUpgrades(async ({host, folder, build}) => {
    await host.installBundle(await build('1.0.0'))
    const rows = [{target: 'model', template: 'T14'}]
    await host.saveMapping('upgrades', 'ordering', {action: 'order', rows}, 't')
    const {buildFixture} = await import('../support/fixture-bundle.ts')
    const path = await buildFixture(folder, 'upgrades', {version: '2.0.0', actions: {look: {effect: 'read'}}})
    const refused = await refusal(host.installBundle(path))
    is(refused.code, 'UPGRADE_BREAKS')
    match(refused.message, /mapping "ordering"/)
    equal((await host.previewUpgrade('upgrades', '2.0.0')).actions, {added: [], removed: ['quote', 'order']})
  }))

test('a rehearsal tells the executions that come to something else, before any traffic moves', () =>
  withUpgrades(async ({host, build}) => {
    await host.installBundle(await build('1.0.0'))
    const run = (action: string, model: string) => host.execute({registration: 'upgrades', action, input: {model}})
    const quoted = await run('quote', 'T14')
    for (const model of ['good', 'breaks', 'crashes', 'fine']) await run('order', model)
    await host.execute({registration: 'upgrades', action: 'order', input: {model: 'dry only'}, mode: 'dryRun'})
    await host.installBundle(await build('2.0.0'), {activate: false})

    const {pid} = host.getPlugin('upgrades').process ?? {}
    const refused = await refusal(host.activatePlugin('upgrades', '2.0.0', {rehearse: 10}))
    is(refused.code, 'REHEARSAL_DIFFERS')
    match(refused.message, /1 of 5 executions came to something else, and 2 failed/)
    equal([serving(host), host.getPlugin('upgrades').process?.pid], ['1.0.0', pid], 'nothing has moved')

    const {rehearsal, ok: fine} = await host.previewUpgrade('upgrades', '2.0.0', {rehearse: 10})
    const {executions = [], ...counts} = rehearsal ?? {}
    equal(counts, {asked: 10, same: 2, differs: 1, failed: 2, skipped: 0})
    is(fine, false)
    equal(
      executions.filter(({result}) => result === 'differs'),
      [
        {
          execution: quoted.execution,
          registration: 'upgrades',
          action: 'quote',
          result: 'differs',
          message: '',
          differences: [{pointer: '/output/text', before: 'quote for T14', after: 'Quote: T14'}],
        },
      ],
    )
    const failed = executions.filter(({result}) => result === 'failed').map(({message}) => message)
    ok(
      failed.some(message => message.includes('cannot order that')),
      failed.join(),
    )
    ok(
      failed.some(message => /its process ended/.test(message)),
      failed.join(),
    )

    // Nothing of it was kept: neither executions nor what the plugin would have written.
    is(host.listExecutions({plugin: 'upgrades', mode: 'dryRun'}).length, 1)
    const lines = host.readLogs('upgrades', {lines: 2000}).filter(({fields: told}) => told?.beside === 'rehearsal')
    ok(lines.length > 0, 'its lines are marked')

    const {upgrade} = await host.activatePlugin('upgrades', '2.0.0', {rehearse: 1, force: true})
    equal([upgrade?.rehearsal?.asked, upgrade?.rehearsal?.differs], [1, 1])
    is(serving(host), '2.0.0')
    is((await host.activatePlugin('upgrades', '1.0.0', {rehearse: 0})).to, '1.0.0')
  }))

test('a version that does the same passes its rehearsal; sealed, it has nothing written', () =>
  withUpgrades(async ({host, build}) => {
    await host.installBundle(await build('1.0.0'))
    const live = await host.execute({registration: 'upgrades', action: 'order', input: {model: 'T14'}})
    equal(live.output, {ordered: 'T14', stored: 'stored'})
    await host.installBundle(await build('1.1.0'), {activate: false})
    const {upgrade} = await host.activatePlugin('upgrades', '1.1.0', {rehearse: 5})
    equal([upgrade?.ok, upgrade?.rehearsal?.same, upgrade?.rehearsal?.differs], [true, 1, 0])
    const dry = await host.execute({registration: 'upgrades', action: 'order', input: {model: 'T14'}, mode: 'dryRun'})
    equal([dry.fence, dry.output], ['sealed', {ordered: 'T14', stored: 'HOST_API_DENIED'}])
  }))

test.run()
