import {createInterface} from 'node:readline'
import {Failure, reportFailure} from '../failure.ts'
import type {Printer} from '../print.ts'
import {printReport} from '../print-report.ts'
import {renderTable} from '../render-table.ts'
import {COMMANDS} from './commands.ts'
import {takeWord} from './parse-words.ts'
import type {DebugAnswer, DebugSession} from './session.ts'

interface PromptOptions {
  print: Printer
  signal: AbortSignal
}

/** Reads commands from stdin until `quit`, its end or Ctrl-C, one after the other. Resolves with how many failed. */
export async function promptCommands(session: DebugSession, {print, signal}: PromptOptions): Promise<number> {
  const terminal = process.stdin.isTTY === true
  const prompt = `${session.plugin.id}> `
  const lines = createInterface({input: process.stdin, output: process.stderr, terminal, prompt})
  let current: AbortController | undefined
  let failed = 0
  const close = (): void => lines.close()
  signal.addEventListener('abort', close, {once: true})
  // Ctrl-C gives the running command up; with none it ends the prompt.
  lines.on('SIGINT', () => (current ? current.abort() : lines.close()))
  if (signal.aborted) close()
  if (terminal) lines.prompt()
  try {
    for await (const line of lines) {
      const [name] = takeWord(line)
      if (name === 'quit' || signal.aborted) break
      current = new AbortController()
      const ok = name === '' || (await runLine(session, line, print, AbortSignal.any([signal, current.signal])))
      current = undefined
      if (!ok) failed++
      if (terminal) lines.prompt()
    }
  } finally {
    signal.removeEventListener('abort', close)
    lines.close()
    process.stdin.pause()
  }
  return failed
}

async function runLine(session: DebugSession, line: string, print: Printer, signal: AbortSignal): Promise<boolean> {
  const [name, rest] = takeWord(line)
  try {
    const {
      data,
      text,
      failed = false,
    } = name === 'help' ? listCommands() : await runCommand(session, name, rest, signal)
    print.document({command: name, answer: data}, {compact: true})
    if (text !== '') print.line(text)
    return !failed
  } catch (error) {
    printReport(reportFailure(error), print, {compact: true})
    return false
  }
}

async function runCommand(
  session: DebugSession,
  name: string,
  rest: string,
  signal: AbortSignal,
): Promise<DebugAnswer> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command) throw new Failure('USAGE', `Cannot do "${name}": there is no such command`, 'Say "help"')
  return command.run(session, rest, signal)
}

function listCommands(): DebugAnswer {
  const own = {help: {usage: '', summary: 'show this'}, quit: {usage: '', summary: 'stop the plugin and leave'}}
  const rows = Object.entries({...COMMANDS, ...own}).map(([name, {usage, summary}]) => [`${name} ${usage}`, summary])
  return {data: rows, text: renderTable(['COMMAND', ''], rows, '')}
}
