import type {LogLine, PluginSource, ThrowAwayOptions} from '../../host/index.ts'
import {promptCommands} from '../debug/prompt.ts'
import {Failure} from '../failure.ts'
import {clean, type Printer} from '../print.ts'
import {readJsonObject} from '../read-json.ts'
import {printLogLine} from '../run/run-action.ts'
import type {Verb} from '../verb.ts'

interface Options {
  config?: string
  inspect?: boolean
  inspectBrk?: boolean
}

/** `debug <dir or f.fp>` */
export const debug: Verb<[path: string], Options> = {
  declare: command =>
    command
      .argument('<path>', 'a plugin’s folder, or a bundle')
      .option('--config <json>', 'the plugin’s configuration: JSON or @file')
      .option('--inspect', 'attach Node’s debugger; nothing times out')
      .option('--inspect-brk', 'the same, and wait for it before the first line'),

  async run({arguments: [path], options, print, signal}) {
    if (options.config === '-') throw new Failure('USAGE', 'Cannot read --config from stdin: commands come from there')
    const {openSource, withThrowAwayPlugin} = await import('../../host/index.ts')
    const source = await openSource(path)
    const config = options.config === undefined ? undefined : await readJsonObject(options.config, '--config')
    const frames = {shown: false}
    const inspect = options.inspectBrk ? 'inspect-brk' : options.inspect ? 'inspect' : undefined
    if (inspect) requireNode(source)
    const attached = {config, signal, ...composeHooks(frames, print), ...(inspect && ({inspect} as const))}
    print.progress(source.isFolder ? `building ${path}` : `starting ${path}`)
    const failed = await withThrowAwayPlugin(source, attached, plugin => {
      print.progress('')
      if (process.stdin.isTTY) print.note(`${plugin.id} is running. "help" lists the commands`)
      const {registration} = plugin
      return promptCommands({plugin, registration, frames, outcomes: []}, {print, signal})
    })
    // A script has to know; who sat at the prompt has seen it.
    return {data: undefined, text: '', exitCode: failed > 0 && !process.stdin.isTTY ? 1 : 0}
  },
}

function composeHooks(
  frames: {shown: boolean},
  print: Printer,
): Pick<ThrowAwayOptions, 'onLog' | 'onTrace' | 'onWarning'> {
  return {
    onWarning: text => print.note(`${print.style('yellow', 'warning')} ${text}`),
    onLog: line => {
      printLogLine(line, print)
      tellDebugger(line, print)
    },
    onTrace: (_, direction, message) => {
      if (!frames.shown) return
      print.note(print.style('dim', clean(`${direction === 'toPlugin' ? '->' : '<-'} ${JSON.stringify(message)}`)))
    },
  }
}

/** Node prints it on stderr, where it is a line of the plugin's log. */
function tellDebugger({source, message}: LogLine, print: Printer): void {
  const url = source === 'stderr' ? /^Debugger listening on (ws:\/\/(\S+)\/\S+)/.exec(message) : null
  if (!url) return
  print.document({debugger: url[1]}, {compact: true})
  print.note(`Debugger: open chrome://inspect, or say "node inspect ${url[2]}" in another terminal`)
}

function requireNode({manifest}: PluginSource): void {
  if (!manifest.process?.command) return
  throw new Failure('USAGE', `Cannot attach to plugin "${manifest.id}": it is no Node program`, 'Leave --inspect out')
}
