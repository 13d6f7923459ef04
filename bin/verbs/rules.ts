import {type Client, createClient} from '../client.ts'
import {describeRule, describeRun, describeRuns, describeTest, describeTrigger} from '../describe-workflow.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {findOnly, requireId} from '../one-of.ts'
import type {Operations} from '../operations.types.ts'
import {parseCount} from '../parse-number.ts'
import {readBody, readJsonObject} from '../read-json.ts'
import {renderTable, renderTime} from '../render-table.ts'
import type {Result, Verb} from '../verb.ts'

interface Options extends ServerOptions {
  create?: string
  update?: string
  enable?: boolean
  disable?: boolean
  move?: number
  duplicate?: boolean
  remove?: boolean
  test?: string
  run?: string
  runs?: boolean
}

type Creation = Operations['createRule']['body']
type Change = Operations['updateRule']['body']

const ACTS = ['create', 'update', 'enable', 'disable', 'move', 'duplicate', 'remove', 'test', 'run', 'runs'] as const

/** `rules [id]` */
export const rules: Verb<[id: string | undefined], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('[id]', 'show this one in full')
        .option('--create <json>', 'create one: JSON, @file, or - for stdin')
        .option('--update <json>', 'change this one: what changes, likewise')
        .option('--enable', 'switch it on')
        .option('--disable', 'switch it off')
        .option('--move <position>', 'move it to this place in the order, from 1', parseCount)
        .option('--duplicate', 'make a disabled copy right behind it')
        .option('--remove', 'remove it')
        .option('--test <event>', 'tell what it would do with a past event by its id, or one given as JSON or @file')
        .option('--run <record>', 'run this scenario for a record, as request:12')
        .option('--runs', 'list its runs'),
    ),

  async run({arguments: [id], options, print, signal}) {
    const act = findOnly(options, ACTS)
    const create = options.create === undefined ? undefined : await readBody<Creation>(options.create, '--create')
    const update = options.update === undefined ? undefined : await readBody<Change>(options.update, '--update')
    const client = await createClient(options)
    if (create) {
      const made = await client.call('createRule', {body: create, signal})
      return {data: made, text: `${made.id}: created`}
    }
    if (act === undefined && id === undefined) return listRules(client, signal)
    const params = {id: requireId(id, act ?? 'id')}
    if (act === 'test') return testRule(client, params, options.test ?? '', signal)
    if (act === 'run') {
      print.progress('running the scenario')
      const body = {record: options.run ?? ''}
      const run = await client.call('runScenario', {params, body, signal})
      return {data: run, text: describeRun(run), exitCode: run.status === 'failed' ? 1 : 0}
    }
    if (act === 'runs') {
      const {items} = await client.call('listRuleRuns', {params, signal})
      return {data: items, text: describeRuns(items)}
    }
    if (act === 'duplicate') {
      const made = await client.call('duplicateRule', {params, signal})
      return {data: made, text: `${made.id}: created`}
    }
    if (act === 'remove') {
      await client.call('removeRule', {params, signal})
      return {data: params, text: `${params.id}: removed`}
    }
    const change = composeChange(update, options)
    const found = change
      ? await client.call('updateRule', {params, body: change, signal})
      : await client.call('getRule', {params, signal})
    return {data: found, text: describeRule(found)}
  },
}

function composeChange(update: Change | undefined, {enable, disable, move}: Options): Change | undefined {
  if (enable) return {enabled: true}
  if (disable) return {enabled: false}
  return move === undefined ? update : {position: move}
}

async function listRules(client: Client, signal: AbortSignal): Promise<Result> {
  const {items} = await client.call('listRules', {signal})
  const rows = items.map(rule => [
    rule.position,
    rule.id,
    rule.name,
    rule.enabled ? 'on' : 'off',
    describeTrigger(rule),
    renderTime(rule.nextAt),
    rule.problems[0]?.message ?? '',
  ])
  return {data: items, text: renderTable(['', 'RULE', 'NAME', '', 'WHEN', 'NEXT', 'PROBLEM'], rows, 'There is none')}
}

async function testRule(client: Client, params: {id: string}, given: string, signal: AbortSignal): Promise<Result> {
  const event = /^[{@-]/.test(given) ? await readJsonObject(given, '--test') : given
  const found = await client.call('testRule', {params, body: {event}, signal})
  return {data: found, text: describeTest(found)}
}
