import type {LogLine, Outcome, PluginSource} from '../../host/index.ts'
import type {JsonObject, Mode, Progress} from '../../runtime/protocol.ts'
import {describeLogLine} from '../describe-log-line.ts'
import {clean, type Printer} from '../print.ts'
import {openTraceFile} from '../trace-file.ts'
import {type ChosenCall, requireConfig} from './choose-call.ts'

/** How actions are to be run, whichever they are. */
export interface RunSettings {
  config: JsonObject | undefined
  mode: Mode | undefined
  deadlineMs: number | undefined
  /** Path of the file that takes the wire messages. */
  trace: string | undefined
}

/** Executes one action in a throw-away host; the plugin's log goes to stderr as it comes. */
export async function runAction(
  source: PluginSource,
  call: ChosenCall,
  settings: RunSettings,
  {print, signal}: {print: Printer; signal: AbortSignal},
): Promise<Outcome> {
  const {config, mode, deadlineMs} = settings
  requireConfig(source.manifest, config)
  const {withThrowAwayPlugin} = await import('../../host/index.ts')
  const trace = settings.trace === undefined ? undefined : openTraceFile(settings.trace)
  print.progress(source.isFolder ? `building ${source.path}` : `starting ${source.path}`)
  try {
    const options = {
      config,
      signal,
      onWarning: (text: string) => print.note(`${print.style('yellow', 'warning')} ${text}`),
      // Of a run that was given up the host only tells how it ended the plugin.
      onLog: (line: LogLine) => {
        if (line.source !== 'host' || !signal.aborted) printLogLine(line, print)
      },
      ...(trace && {onTrace: (_: string, ...message: Parameters<typeof trace.write>) => trace.write(...message)}),
    }
    return await withThrowAwayPlugin(source, options, ({host, registration}) =>
      host.execute({
        registration: registration ?? '',
        ...call,
        ...(mode && {mode}),
        ...(deadlineMs !== undefined && {deadlineMs}),
        by: 'cli',
        signal,
        onProgress: progress => print.progress(describeProgress(progress)),
      }),
    )
  } finally {
    print.progress('')
    const loss = trace?.close()
    if (loss) print.note(`${print.style('yellow', 'warning')} The trace is not whole: ${loss}`)
  }
}

/** What the host says of a process that starts and stops as it should is no news. */
export function printLogLine(line: LogLine, print: Printer): void {
  if (line.source !== 'host' || line.level !== 'info') print.note(clean(describeLogLine(line)))
}

function describeProgress({done, total, message}: Progress): string {
  const share = done === undefined ? '' : total === undefined ? String(done) : `${done} of ${total}`
  return [share, message].filter(Boolean).join(' ')
}
