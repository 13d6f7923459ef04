import type {Rule, RuleRun, RuleTest} from '../../host/index.ts'
import {type Client, createClient, joinPath} from '../client.ts'
import {describeRule, describeRun, describeRuns, describeTest, describeTrigger} from '../describe-workflow.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {findOnly, requireId} from '../one-of.ts'
import {parseCount} from '../parse-number.ts'
import {readJsonObject} from '../read-json.ts'
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
    const create = options.create === undefined ? undefined : await readJsonObject(options.create, '--create')
    const update = options.update === undefined ? undefined : await readJsonObject(options.update, '--update')
    const client = await createClient(options)
    if (create) {
      const made = await client.request<Rule>('POST', '/v1/rules', {json: create, signal})
      return {data: made, text: `${made.id}: created`}
    }
    if (act === undefined && id === undefined) return listRules(client, signal)
    const rule = requireId(id, act ?? 'id')
    const path = joinPath('v1', 'rules', rule)
    if (act === 'test') return testRule(client, path, options.test ?? '', signal)
    if (act === 'run') {
      print.progress('running the scenario')
      const json = {record: options.run}
      const run = await client.request<RuleRun>('POST', `${path}/run`, {json, signal})
      return {data: run, text: describeRun(run), exitCode: run.status === 'failed' ? 1 : 0}
    }
    if (act === 'runs') {
      const {items} = await client.request<{items: RuleRun[]}>('GET', `${path}/runs`, {signal})
      return {data: items, text: describeRuns(items)}
    }
    if (act === 'duplicate') {
      const made = await client.request<Rule>('POST', `${path}/duplicate`, {signal})
      return {data: made, text: `${made.id}: created`}
    }
    if (act === 'remove') {
      await client.request('DELETE', path, {signal})
      return {data: {id: rule}, text: `${rule}: removed`}
    }
    const change = composeChange(update, options)
    const found = change
      ? await client.request<Rule>('PATCH', path, {json: change, signal})
      : await client.request<Rule>('GET', path, {signal})
    return {data: found, text: describeRule(found)}
  },
}

function composeChange(update: object | undefined, {enable, disable, move}: Options): object | undefined {
  if (enable) return {enabled: true}
  if (disable) return {enabled: false}
  return move === undefined ? update : {position: move}
}

async function listRules(client: Client, signal: AbortSignal): Promise<Result> {
  const {items} = await client.request<{items: Rule[]}>('GET', '/v1/rules', {signal})
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

async function testRule(client: Client, path: string, given: string, signal: AbortSignal): Promise<Result> {
  const event = /^[{@-]/.test(given) ? await readJsonObject(given, '--test') : given
  const found = await client.request<RuleTest>('POST', `${path}/test`, {json: {event}, signal})
  return {data: found, text: describeTest(found)}
}
