import {Option} from 'commander'
import type {PluginSource} from '../../host/index.ts'
import type {Json, Mode} from '../../runtime/protocol.ts'
import {describeOutcome} from '../describe-outcome.ts'
import {Failure} from '../failure.ts'
import {parseCount} from '../parse-number.ts'
import type {Printer} from '../print.ts'
import {readJson, readJsonObject} from '../read-json.ts'
import {askCall} from '../run/ask-call.ts'
import {chooseCall, listActions} from '../run/choose-call.ts'
import {type RunSettings, runAction} from '../run/run-action.ts'
import {runReplay} from '../run/run-replay.ts'
import {runStdio} from '../run/run-stdio.ts'
import {runWatching} from '../run/run-watching.ts'
import type {Result, Verb} from '../verb.ts'

interface Options {
  input?: string
  config?: string
  mode?: Mode
  deadline?: number
  trace?: string
  replay?: string
  watch?: boolean
  stdio?: boolean
}

interface Context {
  print: Printer
  signal: AbortSignal
}

/** `run <dir or f.fp> [action]` */
export const run: Verb<[path: string, action: string | undefined], Options> = {
  declare: command =>
    command
      .argument('<path>', 'a plugin’s folder, or a bundle')
      .argument('[action]', 'the action’s name; without one the actions are listed, at a terminal asked for')
      .option('-i, --input <json>', 'the input: JSON, @file, or - for stdin (default: the action’s first sample)')
      .option('--config <json>', 'the plugin’s configuration: JSON, @file, or - for stdin')
      .addOption(new Option('--mode <mode>', 'dryRun shows what would be done').choices(['live', 'dryRun', 'test']))
      .option('--deadline <ms>', 'give up after this many milliseconds', parseCount)
      .option('--trace <file>', 'write every wire message to this file, one JSON a line, secrets taken out')
      .option('--replay <file>', 'make the requests of a trace again and tell which answers differ')
      .option('-w, --watch', 'run again after each change of the folder')
      .option('--stdio', 'hand the plugin’s raw JSON-RPC to this terminal'),

  async run({arguments: [path, action], options, print, signal}) {
    checkUse(action, options, print)
    const {openSource} = await import('../../host/index.ts')
    const source = await openSource(path)
    if (options.stdio) return runStdio(source, print, signal)
    const config = options.config === undefined ? undefined : await readJsonObject(options.config, '--config')
    const {mode, deadline: deadlineMs, trace, replay} = options
    if (replay !== undefined) return runReplay(source, {trace: replay, config, deadlineMs}, {print, signal})
    const input = options.input === undefined ? undefined : await readJson(options.input, '--input')
    const settings = {config, mode, deadlineMs, trace}
    if (action !== undefined || options.watch)
      return runGiven(source, action, input, {options, settings, print, signal})
    const atTerminal = process.stdin.isTTY && process.stderr.isTTY && !print.json
    return atTerminal ? runAsked(source, settings, {print, signal}) : listActions(source)
  },
}

/** At a terminal a folder is watched from then on. */
async function runAsked(source: PluginSource, settings: RunSettings, context: Context): Promise<Result | undefined> {
  const call = await askCall(source.manifest)
  if (!call) throw new Failure('CANCELLED', 'Cannot run an action: none was chosen')
  if (source.isFolder) return runWatching(source.path, {...call, settings, ...context})
  return runOnce(source, call.action, call.input, settings, context)
}

async function runGiven(
  source: PluginSource,
  action: string | undefined,
  input: Json | undefined,
  {options, settings, ...context}: Context & {options: Options; settings: RunSettings},
): Promise<Result | undefined> {
  if (!options.watch) return runOnce(source, action, input, settings, context)
  if (source.isFolder) return runWatching(source.path, {action, input, settings, ...context})
  throw new Failure('USAGE', `Cannot watch "${source.path}": it is a bundle`, 'Give the plugin’s folder')
}

async function runOnce(
  source: PluginSource,
  action: string | undefined,
  input: Json | undefined,
  settings: RunSettings,
  {print, signal}: Context,
): Promise<Result> {
  const outcome = await runAction(source, chooseCall(source.manifest, action, input), settings, {print, signal})
  const failed = signal.aborted ? Number(process.exitCode ?? 1) : 1
  return {data: outcome, text: describeOutcome(outcome), exitCode: outcome.status === 'succeeded' ? 0 : failed}
}

/** What cannot go together is told before anything is built. */
function checkUse(action: string | undefined, options: Options, {json}: Printer): void {
  const {stdio, replay, trace, watch, input, mode} = options
  const others = Object.entries({action, '--trace': trace, '--watch': watch, '--input': input, '--mode': mode})
  const given = others.find(([, value]) => value !== undefined)?.[0]
  const sole = stdio ? '--stdio' : replay === undefined ? undefined : '--replay'
  if (stdio && (json || replay !== undefined || options.config !== undefined)) {
    const other = json ? '--json' : replay === undefined ? '--config' : '--replay'
    throw new Failure('USAGE', `Cannot use --stdio with ${other}: stdin and stdout belong to the client`)
  }
  if (sole && given) throw new Failure('USAGE', `Cannot use ${sole} with ${given}: the requests come from elsewhere`)
}
