import {readFile} from 'node:fs/promises'
import type {
  Execution,
  InstallResult,
  MainRecord,
  Mapping,
  MappingDefinition,
  MappingPreview,
  Note,
  Outcome,
  Registration,
  Rule,
  RuleDefinition,
  RuleRun,
  TestReport,
} from '../../host/types.ts'
import {eventually} from '../support/deadline.ts'
import {expectStatus, type Stage} from './stage.ts'

const SECRET = 'gateway-token-4711'
const MAPPING: MappingDefinition = {
  action: 'send',
  rows: [
    {target: 'path', template: 'messages'},
    {target: 'body.to', template: '{#Requester Phone|phone:e164}'},
    {target: 'body.text', template: 'Ticket {#Ticket Id#}: {#Subject}'},
    {target: 'extract.path', template: '/id'},
    {target: 'ticket', template: '{#Ticket Id}'},
  ],
  output: [{source: 'output.value', field: 'SMS reference'}],
}
const RULE: RuleDefinition & {id: string} = {
  id: 'tell-requester',
  name: 'Tell the requester of an urgent request',
  trigger: {kind: 'event', events: ['request.created']},
  when: {field: 'priority', is: 'equal', value: 'urgent'},
  actions: [{key: 'sms', registration: 'sms', action: 'send', mapping: 'urgent'}],
}

/** The deployment workflow, in its own order: deploy, register, configure, test, map, test-execute, workflow action. */
export async function showDeployment(stage: Stage): Promise<void> {
  await deploy(stage)
  await register(stage)
  await map(stage)
  await workflow(stage)
}

async function deploy({step, server, bundles}: Stage): Promise<void> {
  await step('Deploy the bundles over HTTP', async () => {
    const results: InstallResult[] = []
    for (const {path} of bundles) results.push(await server.call('POST', '/v1/bundles', await readFile(path)))
    const text = results.map(({id, version}) => `${id} ${version} serves, no other plugin was restarted`).join('\n')
    return {value: results, text}
  })
}

async function register({step, server, receiver}: Stage): Promise<void> {
  await step('Register the web call as "SMS gateway"', async () => {
    const draft = {plugin: 'webhook', id: 'sms', name: 'SMS gateway', draft: true}
    const made = await server.call<Registration>('POST', '/v1/registrations', draft)
    return {
      value: made,
      text: `registration "${made.id}", a draft: ${made.enabled ? 'on' : 'off'} until it is complete`,
    }
  })
  await step('Configure it', async () => {
    const config = {baseUrl: receiver.url, auth: {type: 'bearer', token: SECRET}, test: {path: '/health'}}
    const made = await server.call<Registration>('PATCH', '/v1/registrations/sms', {config, enabled: true})
    const shown = JSON.stringify(made.config)
    if (shown.includes(SECRET)) throw new Error('Cannot keep the secret: it is shown')
    return {
      value: made,
      text: `enabled; its token reads ${JSON.stringify((made.config.auth as {token: string}).token)}`,
    }
  })
  await step('Test the connection', async () => {
    const report = await server.call<TestReport>('POST', '/v1/registrations/sms/test', {})
    if (!report.ok) throw new Error(`Cannot connect: ${JSON.stringify(report)}`)
    return {value: report, text: report.stages.map(({name, durationMs}) => `${name}: ok, ${durationMs} ms`).join('\n')}
  })
}

async function map({step, server, receiver}: Stage): Promise<void> {
  await step('Define the mapping from ticket fields', async () => {
    const saved = await server.call<Mapping>('PUT', '/v1/registrations/sms/mappings/urgent', MAPPING)
    const preview = await server.call<MappingPreview>('POST', '/v1/mappings/preview', {
      registration: 'sms',
      mapping: 'urgent',
      record: 'request:1',
    })
    if (!preview.ok) throw new Error(`Cannot map: ${JSON.stringify(preview)}`)
    const rows = preview.rows.map(
      ({target, template, coerced}) => `${target} <- ${template} = ${JSON.stringify(coerced)}`,
    )
    return {value: preview, text: [`revision ${saved.revision}; for request 1 it gives`, ...rows].join('\n')}
  })
  const path = '/v1/registrations/sms/actions/send/execute'
  await step('Test-execute it: dry, then for a real ticket', async () => {
    const body = {record: 'request:1', mapping: 'urgent'}
    const dry = await server.call<Outcome>('POST', path, {...body, mode: 'dryRun'})
    expectStatus(dry, 'succeeded')
    if (receiver.received.some(({path: at}) => at === '/messages')) throw new Error('Cannot trust the dry run: it sent')
    const outcome = await server.call<Outcome>('POST', path, {...body, mode: 'test'})
    expectStatus(outcome, 'succeeded')
    const sent = receiver.received.find(({path: at}) => at === '/messages')
    const effects = dry.effects.map(({effect, status}) => `${effect.op} ${status}`).join(', ')
    return {value: outcome, text: `dry run: nothing sent, effects: ${effects}\ntest: the gateway got ${sent?.body}`}
  })
}

async function workflow({step, server}: Stage): Promise<void> {
  await step('Tie it to a workflow rule, and let an event fire it', async () => {
    const rule = await server.call<Rule>('POST', '/v1/rules', RULE)
    const subject = 'Mail does not arrive'
    const before = await server.call<MainRecord>('POST', '/v1/requests', {
      subject,
      priority: 'urgent',
      requester: 'ann.berg@example.com',
    })
    const run = await eventually(20_000, async () => {
      const {items} = await server.call<{items: RuleRun[]}>('GET', `/v1/rules/${rule.id}/runs`)
      return items.find(each => each.record === `request:${before.id}` && each.status !== 'running')
    })
    const execution = await server.call<Execution>('GET', `/v1/executions/${run.steps[0]?.execution}`)
    const after = await server.call<MainRecord>('GET', `/v1/requests/${before.id}`)
    const {items: notes} = await server.call<{items: Note[]}>('GET', `/v1/requests/${before.id}/notes`)
    const reference = (after.fields as {[label: string]: unknown})['SMS reference']
    if (run.status !== 'succeeded' || typeof reference !== 'string' || notes.length === 0) {
      throw new Error(`Cannot see the effect: ${JSON.stringify({run, execution, after, notes})}`)
    }
    const lines = [
      `request ${before.id} "${subject}" was created; rule "${rule.name}" ran: ${run.status}`,
      `execution ${execution.execution} of ${execution.plugin} ${execution.version}, asked by ${execution.by}`,
      `the ticket before: SMS reference -, 0 notes`,
      `the ticket after:  SMS reference ${reference}, ${notes.length} note${notes.length === 1 ? '' : 's'}: ${notes[0]?.text}`,
    ]
    return {value: after, text: lines.join('\n')}
  })
}
