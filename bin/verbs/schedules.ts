import type {Schedule} from '../../host/index.ts'
import {type Client, createClient, joinPath} from '../client.ts'
import {describeSchedule} from '../describe-workflow.ts'
import {Failure} from '../failure.ts'
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
  remove?: boolean
  run?: boolean
  preview?: string
  timeZone: string
  limit: number
}

const ACTS = ['create', 'update', 'enable', 'disable', 'remove', 'run', 'preview'] as const

/** `schedules [id]` */
export const schedules: Verb<[id: string | undefined], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('[id]', 'show this one in full')
        .option('--create <json>', 'create one: JSON, @file, or - for stdin')
        .option('--update <json>', 'change this one: what changes, likewise')
        .option('--enable', 'switch it on')
        .option('--disable', 'switch it off')
        .option('--remove', 'remove it')
        .option('--run', 'run it now, besides its times')
        .option('--preview <cron>', 'tell the next times of a cron')
        .option('--time-zone <name>', 'of the preview, as Europe/Berlin', 'UTC')
        .option('-n, --limit <count>', 'how many times of the preview', parseCount, 5),
    ),

  async run({arguments: [id], options, signal}) {
    const act = findOnly(options, ACTS)
    const create = options.create === undefined ? undefined : await readJsonObject(options.create, '--create')
    const update = options.update === undefined ? undefined : await readJsonObject(options.update, '--update')
    const client = await createClient(options)
    if (options.preview !== undefined) return preview(client, options.preview, options, signal)
    if (create) {
      const made = await client.request<Schedule>('POST', '/v1/schedules', {json: create, signal})
      return {data: made, text: `${made.id}: created, next ${renderTime(made.nextAt) || 'never'}`}
    }
    if (act === undefined && id === undefined) return listSchedules(client, signal)
    const schedule = requireId(id, act ?? 'id')
    const path = joinPath('v1', 'schedules', schedule)
    if (act === 'remove') {
      await client.request('DELETE', path, {signal})
      return {data: {id: schedule}, text: `${schedule}: removed`}
    }
    const found = await change(client, path, {...options, change: composeChange(update, options)}, signal)
    return {data: found, text: describeSchedule(found)}
  },
}

function change(
  client: Client,
  path: string,
  {run, change}: {run?: boolean; change: object | undefined},
  signal: AbortSignal,
): Promise<Schedule> {
  if (run) return client.request('POST', `${path}/run`, {signal})
  return change ? client.request('PATCH', path, {json: change, signal}) : client.request('GET', path, {signal})
}

function composeChange(update: object | undefined, {enable, disable}: Options): object | undefined {
  if (enable) return {enabled: true}
  return disable ? {enabled: false} : update
}

async function preview(
  client: Client,
  cron: string,
  {timeZone, limit: count}: Options,
  signal: AbortSignal,
): Promise<Result> {
  if (count < 1) throw new Failure('USAGE', 'Cannot use --limit: it must be 1 at least')
  const json = {cron, timeZone, count}
  const {times} = await client.request<{times: number[]}>('POST', '/v1/schedules/preview', {json, signal})
  const zone = new Intl.DateTimeFormat('sv-SE', {timeZone, dateStyle: 'short', timeStyle: 'long'})
  return {data: {times}, text: times.map(at => `${renderTime(at)}  ${zone.format(at)}`).join('\n')}
}

async function listSchedules(client: Client, signal: AbortSignal): Promise<Result> {
  const {items} = await client.request<{items: Schedule[]}>('GET', '/v1/schedules', {signal})
  const rows = items.map(entry => [
    entry.id,
    entry.name,
    entry.enabled ? 'on' : 'off',
    `${entry.cron} (${entry.timeZone})`,
    renderTime(entry.nextAt),
    renderTime(entry.lastAt),
    entry.lastStatus ?? '',
    entry.lastMessage,
  ])
  const heading = ['SCHEDULE', 'NAME', '', 'TIMES', 'NEXT', 'LAST', 'CAME TO', '']
  return {data: items, text: renderTable(heading, rows, 'There is none')}
}
