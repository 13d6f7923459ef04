import {Command, CommanderError} from 'commander'
import {Failure, reportFailure} from './failure.ts'
import {createPrinter, type Printer} from './print.ts'
import {printReport} from './print-report.ts'
import type {Result, Verb} from './verb.ts'
import {VERBS} from './verbs.ts'
import {readVersion} from './version.ts'

/** Runs one verb and prints what it came to; resolves with the exit code, never rejects. */
export async function runCommandLine(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const print = createPrinter(hasJson(argv))
  try {
    const outcome = await parseAndRun(argv, print, signal)
    if (outcome) printResult(outcome, print)
    print.progress('')
    return outcome?.exitCode ?? 0
  } catch (error) {
    print.progress('')
    // Ctrl-C: the signal's own exit code says it all.
    if (signal.aborted) return Number(process.exitCode ?? 1)
    return printFailure(error, print)
  }
}

async function parseAndRun(argv: readonly string[], print: Printer, signal: AbortSignal): Promise<Result | undefined> {
  let result: Result | undefined
  const program = createProgram(print)
  const wanted = argv.filter(word => !word.startsWith('-') && word !== 'help')[0]
  for (const {name, summary, group, load} of VERBS) {
    const command = program.command(name).summary(summary).description(capitalise(summary)).helpGroup(group)
    if (name !== wanted) continue
    const verb = await load()
    declareVerb(command, verb)
    command.action(async () => {
      const call = {arguments: command.processedArgs as unknown[], options: command.opts(), print, signal}
      result = await verb.run(call)
    })
  }
  await program.parseAsync(argv, {from: 'user'})
  return result
}

function createProgram(print: Printer): Command {
  const program = new Command('plugin-host')
    .description('A plugin server, and the tools to write plugins for it')
    .version(readVersion(), '-V, --version', 'print the version')
    .option('--json', 'print one JSON document and nothing else on stdout')
    .helpCommand('help [verb]', 'tell how a verb is used')
    .usage('<verb> [options]')
    .showSuggestionAfterError(true)
    .exitOverride()
  program.configureOutput({
    writeOut: text => (print.json ? print.document({text: text.trim()}) : print.line(text.trimEnd())),
    // What went wrong is printed from the error itself; the rest of it is the list of verbs.
    writeErr: text => {
      if (!text.startsWith('error:') && !text.startsWith('(')) print.note(text.trimEnd())
    },
  })
  return program
}

function declareVerb(command: Command, verb: Verb): void {
  verb.declare(command)
  command.option('--json', 'print one JSON document and nothing else on stdout')
}

function printResult({data, text}: Result, print: Printer): void {
  if (data !== undefined) print.document(data)
  if (text !== '') print.line(text)
}

function printFailure(error: unknown, print: Printer): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    // No verb at all: the list of verbs has been printed.
    if (error.code === 'commander.help' && !print.json) return 2
  }
  return printReport(reportFailure(error instanceof CommanderError ? toFailure(error) : error), print)
}

function toFailure({code, message}: CommanderError): Failure {
  if (code === 'commander.help') return new Failure('USAGE', 'Cannot tell what to do: no verb is given')
  const [state = '', suggestion] = message.replace(/^error: /, '').split('\n')
  const remedy = suggestion ? suggestion.replace(/^\((.*)\)$/, '$1') : 'See "plugin-host --help"'
  return new Failure('USAGE', `Cannot read the command line: ${state}`, remedy)
}

function hasJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end === -1 ? undefined : end).includes('--json')
}

function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
