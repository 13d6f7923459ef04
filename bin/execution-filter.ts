import {type Command, Option} from 'commander'
import type {Execution, ExecutionFilter} from '../host/index.ts'
import type {Client} from './client.ts'
import {parseTime} from './parse-time.ts'
import {renderTable, renderTime} from './render-table.ts'

type Filter = Omit<ExecutionFilter, 'limit' | 'before'>
export type FilterOptions = Filter & {dead?: boolean}

/** They ended, and not well. */
export const DEAD = ['failed', 'timedOut', 'unknown', 'cancelled'] as const
const STATUSES = ['queued', 'running', 'retrying', 'succeeded', ...DEAD]

export function declareFilter(command: Command): Command {
  return command
    .option('--plugin <id>', 'only those of this plugin')
    .option('--registration <id>', 'only those of this registration')
    .option('--action <name>', 'only those of this action')
    .addOption(new Option('--status <status>', 'only those with this status').choices(STATUSES))
    .option('--dead', 'only those that ended and did not succeed')
    .addOption(new Option('--mode <mode>', 'only those of this mode').choices(['live', 'dryRun', 'test']))
    .option('--by <name>', 'only those that this token asked for')
    .option('--record <id>', 'only those about this record: request:12')
    .option('--since <time>', 'started then or later: 30m, 2h, 7d, or 2026-05-01', parseTime)
    .option('--until <time>', 'started before', parseTime)
}

/** One for each status that is looked for. */
export function readFilters({dead, ...options}: FilterOptions): Filter[] {
  const {plugin, registration, action, status, mode, by, record, since, until} = options
  const given = Object.entries({plugin, registration, action, status, mode, by, record, since, until})
  const filter = Object.fromEntries(given.filter(([, value]) => value !== undefined)) as Filter
  return dead && status === undefined ? DEAD.map(each => ({...filter, status: each})) : [filter]
}

/** The newest first. */
export async function findExecutions(
  client: Client,
  filters: Filter[],
  {limit, signal}: {limit: number; signal: AbortSignal},
): Promise<Execution[]> {
  const found: Execution[] = []
  for (const filter of filters) {
    const {items} = await client.call('listExecutions', {query: {...filter, limit}, signal})
    found.push(...items)
  }
  return found.sort((one, other) => (one.execution < other.execution ? 1 : -1)).slice(0, limit)
}

export function renderExecutions(executions: readonly Execution[]): string {
  const rows = executions.map(entry => [
    entry.execution,
    renderTime(entry.startedAt),
    entry.registration,
    entry.mode === 'live' ? entry.action : `${entry.action} (${entry.mode})`,
    entry.status,
    `${Math.round(entry.durationMs)} ms`,
    entry.record ?? '',
    entry.error?.code ?? entry.message,
  ])
  const heading = ['EXECUTION', 'STARTED', 'REGISTRATION', 'ACTION', 'STATUS', 'TOOK', 'RECORD', '']
  return renderTable(heading, rows, 'There is none')
}
