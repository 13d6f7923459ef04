import type {Execution, ExplainedInput} from '../host/index.ts'
import {describeOutcome} from './describe-outcome.ts'
import {renderFacts, renderTable, renderTime} from './render-table.ts'

/** One execution in full: where it comes from, its input explained, its attempts, what it came to. */
export function describeExecution(entry: Execution, explained: ExplainedInput): string {
  const {mapping, origin} = entry
  const facts = renderFacts({
    registration: entry.registration,
    plugin: `${entry.plugin} ${entry.version}`,
    action: `${entry.action} (${entry.mode})`,
    by: entry.by,
    'because of': origin && `${origin.kind} ${origin.id}`,
    record: entry.record,
    mapping: mapping && `${mapping.name}, revision ${mapping.revision}`,
    input: JSON.stringify(entry.input),
    kept: entry.durable ? 'accepted for later: survives the server' : undefined,
    started: renderTime(entry.startedAt),
    ended: renderTime(entry.endedAt),
    'next attempt': renderTime(entry.nextAttemptAt),
    records: entry.records || undefined,
    artifacts: entry.artifacts.map(({name, type, bytes}) => `${name} (${type}, ${bytes} bytes)`).join(', '),
  })
  const parts = [facts, describeOutcome(entry), describeTries(entry), describeInput(explained)]
  const hint = `Its log: plugin-host logs ${entry.plugin} --execution ${entry.execution}`
  return [...parts.filter(part => part !== ''), hint].join('\n\n')
}

/** Those before the last; that one is told by the outcome. */
function describeTries({tries}: Execution): string {
  if (tries.length === 0) return ''
  const rows = tries.map(({startedAt, durationMs, version, error}, index) => [
    index + 1,
    renderTime(startedAt),
    `${Math.round(durationMs)} ms`,
    version,
    error ? `${error.code} ${error.message}` : '',
  ])
  return renderTable(['ATTEMPT', 'STARTED', 'TOOK', 'VERSION', 'CAME TO'], rows, '')
}

function describeInput({mapping, rows}: ExplainedInput): string {
  if (!mapping) return ''
  const cells = rows.map(({target, configured, used}) => [target, configured ?? '(not mapped)', JSON.stringify(used)])
  return renderTable(['PARAMETER', 'CONFIGURED', 'USED'], cells, '')
}
