import type {Outcome} from '../../host/index.ts'
import type {Json} from '../../runtime/protocol.ts'
import {describeOutcome} from '../describe-outcome.ts'
import {reportFailure} from '../failure.ts'
import type {Printer} from '../print.ts'
import {printReport} from '../print-report.ts'
import {chooseCall} from './choose-call.ts'
import {type RunSettings, runAction} from './run-action.ts'

interface WatchOptions {
  action: string | undefined
  input: Json | undefined
  settings: RunSettings
  print: Printer
  signal: AbortSignal
}

/** Runs the action now and after each change of the folder, until Ctrl-C; a change ends a run that is still going on. */
export async function runWatching(folder: string, options: WatchOptions): Promise<undefined> {
  const {print, signal} = options
  const {watchFolder} = await import('../../host/index.ts')
  for await (const {changed} of watchFolder(folder, {signal})) {
    const turn = AbortSignal.any([signal, changed])
    try {
      const outcome = await runOnce(folder, {...options, signal: turn})
      if (turn.aborted) continue
      print.document(outcome, {compact: true})
      print.line(describeOutcome(outcome))
    } catch (error) {
      if (turn.aborted) continue
      printReport(reportFailure(error), print, {compact: true})
    }
    print.note(print.style('dim', `Watching ${folder}; Ctrl-C ends`))
  }
  return undefined
}

async function runOnce(folder: string, {action, input, settings, print, signal}: WatchOptions): Promise<Outcome> {
  const {openSource} = await import('../../host/index.ts')
  const source = await openSource(folder)
  return runAction(source, chooseCall(source.manifest, action, input), settings, {print, signal})
}
