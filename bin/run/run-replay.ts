import type {PluginSource, ReplayDifference, ReplayReport} from '../../host/index.ts'
import type {JsonObject} from '../../runtime/protocol.ts'
import {clean, type Printer} from '../print.ts'
import {readTraceFile} from '../trace-file.ts'
import type {Result} from '../verb.ts'

interface ReplaySettings {
  trace: string
  config: JsonObject | undefined
  /** Time for each answer, milliseconds. */
  deadlineMs: number | undefined
}

/** Makes the requests of a trace again and tells each answer that differs; exit code 1 when one does. */
export async function runReplay(
  source: PluginSource,
  {trace, config, deadlineMs: timeoutMs}: ReplaySettings,
  {print, signal}: {print: Printer; signal: AbortSignal},
): Promise<Result> {
  const entries = await readTraceFile(trace)
  const {replayTrace, withPluginWire} = await import('../../host/index.ts')
  const {manifest} = source
  const onPrint = (line: string): void => print.note(clean(line))
  print.progress(`replaying ${trace}`)
  const report = await withPluginWire(source, {signal, onWarning: onPrint}, wire =>
    replayTrace(entries, wire, {manifest, config, timeoutMs, onPrint, signal}),
  )
  return {data: report, text: describeReport(report), exitCode: report.differences.length === 0 ? 0 : 1}
}

function describeReport({requests, differences}: ReplayReport): string {
  const made = `${requests} ${requests === 1 ? 'request' : 'requests'} replayed`
  if (differences.length === 0) return `${made}: every answer is as it was`
  return [...differences.map(describeDifference), `${made}: ${differences.length} differ`].join('\n')
}

function describeDifference({method, id, pointer, before, now}: ReplayDifference): string {
  const place = `${method}${id === null ? '' : ` #${id}`} ${pointer || '/'}`
  return `${place}\n  before ${describeValue(before)}\n  now    ${describeValue(now)}`
}

function describeValue(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}
