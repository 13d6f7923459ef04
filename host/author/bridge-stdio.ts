import {constants} from 'node:os'
import type {Readable, Writable} from 'node:stream'
import {finished} from 'node:stream/promises'
import {createFrameReader} from '../../runtime/framing.ts'
import {delay, systemClock} from '../clock.ts'
import type {OpenWire} from '../process/open-wire.ts'

export interface Terminal {
  stdin: Readable
  stdout: Writable
  stderr: Writable
}

/** Time a plugin has to answer what it was asked before stdin ended, milliseconds. */
const ANSWER_MS = 10_000

/**
 * Joins a plugin's wire to this terminal, bytes as they are, its prints to stderr. It ends when stdin ends and everything
 * asked is answered, or when the plugin exits. Resolves with the plugin's exit code, 128 + n after signal n.
 */
export async function bridgeStdio(wire: OpenWire, terminal: Terminal, signal: AbortSignal): Promise<number> {
  const {stdin, stdout, stderr} = terminal
  const questions = watchQuestions(stdin, wire.output)
  stdin.pipe(wire.input, {end: false})
  wire.output.pipe(stdout, {end: false})
  wire.prints.pipe(stderr, {end: false})
  const onAbort = (): void => void wire.stop()
  signal.addEventListener('abort', onAbort, {once: true})
  if (signal.aborted) onAbort()
  try {
    const ended = await Promise.race([wire.ended, endAfter(stdin, wire, questions)])
    return ended.code ?? 128 + constants.signals[ended.signal ?? 'SIGKILL']
  } finally {
    signal.removeEventListener('abort', onAbort)
    stdin.unpipe(wire.input)
    // Else a terminal that nobody closes keeps this process alive.
    stdin.pause()
  }
}

async function endAfter(stdin: Readable, wire: OpenWire, questions: Questions): ReturnType<OpenWire['stop']> {
  await finished(stdin, {writable: false}).catch(() => {})
  await Promise.race([questions.answered(), wire.ended, delay(systemClock, ANSWER_MS)])
  return wire.stop()
}

interface Questions {
  /** Resolves when nothing that was asked waits for its answer any more. */
  answered(): Promise<void>
}

/** Listens in on both directions. Bytes that are no frames are the plugin's to refuse; then nothing is waited for. */
function watchQuestions(toPlugin: Readable, fromPlugin: Readable): Questions {
  const open = new Set<unknown>()
  let readable = true
  let wake = (): void => {}
  const isDone = (): boolean => !readable || open.size === 0

  const listen = (stream: Readable, onMessage: (message: {id?: unknown; method?: unknown}) => void): void => {
    const reader = createFrameReader({onMessage: message => onMessage(Object(message))})
    stream.on('data', (chunk: Buffer) => {
      if (!readable) return
      try {
        reader.push(chunk)
      } catch {
        readable = false
      }
      if (isDone()) wake()
    })
  }
  listen(toPlugin, ({id, method}) => {
    if (id !== undefined && method !== undefined) open.add(id)
  })
  listen(fromPlugin, ({id, method}) => {
    if (method === undefined) open.delete(id)
  })
  return {
    answered: () => (isDone() ? Promise.resolve() : new Promise(resolve => (wake = resolve))),
  }
}
