import type {Schedule} from '../../host/index.ts'
import {type Client, createClient} from '../client.ts'
import {describeSchedule} from '../describe-workflow.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {findOnly, requireId} from '../one-of.ts'
import type {Operations} from '../operations.types.ts'
import {parseCount} from '../parse-number.ts'
import {readBody} from '../read-json.ts'
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

type Creation = Operations['createSchedule']['body']
type Change = Operations['updateSchedule']['body']

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
    const create = options.create === undefined ? undefined : await readBody<Creation>(options.create, '--create')
    const update = options.update === undefined ? undefined : await readBody<Change>(options.update, '--update')
    const client = await createClient(options)
    if (options.preview !== undefined) return preview(client, options.preview, options, signal)
    if (create) {
      const made = await client.call('createSchedule', {body: create, signal})
      return {data: made, text: `${made.id}: created, next ${renderTime(made.nextAt) || 'never'}`}
    }
    if (act === undefined && id === undefined) return listSchedules(client, signal)
    const params = {id: requireId(id, act ?? 'id')}
    if (act === 'remove') {
      await client.call('removeSchedule', {params, signal})
      return {data: params, text: `${params.id}: removed`}
    }
    const found = await change(client, params, {...options, change: composeChange(update, options)}, signal)
    return {data: found, text: describeSchedule(found)}
  },
}

function change(
  client: Client,
  params: {id: string},
  {run, change}: {run?: boolean; change: Change | undefined},
  signal: AbortSignal,
): Promise<Schedule> {
  if (run) return client.call('runSchedule', {params, signal})
  return change
    ? client.call('updateSchedule', {params, body: change, signal})
    : client.call('getSchedule', {params, signal})
}

function composeChange(update: Change | undefined, {enable, disable}: Options): Change | undefined {
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
  const body = {cron, timeZone, count}
  const {times} = await client.call('previewSchedule', {body, signal})
  const zone = new Intl.DateTimeFormat('sv-SE', {timeZone, dateStyle: 'short', timeStyle: 'long'})
  return {data: {times}, text: times.map(at => `${renderTime(at)}  ${zone.format(at)}`).join('\n')}
}

async function listSchedules(client: Client, signal: AbortSignal): Promise<Result> {
  const {items} = await client.call('listSchedules', {signal})
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
