import {stripVTControlCharacters, styleText} from 'node:util'

/** The one place that writes to stdout and stderr. */
export interface Printer {
  readonly json: boolean
  /** A line for people on stdout; nothing with --json. */
  line(text: string): void
  /** One JSON document on stdout, on a line of its own when `compact`; nothing without --json. */
  document(value: unknown, options?: {compact?: boolean}): void
  /** A remark on stderr. */
  note(text: string): void
  /** How far it is, on stderr, each replacing the one before; nothing where stderr is no terminal. '' clears it. */
  progress(text: string): void
  /** Bold, red or dim where stderr is a terminal that knows colours. */
  style(format: 'bold' | 'red' | 'dim' | 'yellow', text: string): string
}

interface Streams {
  stdout: NodeJS.WriteStream
  stderr: NodeJS.WriteStream
}

export function createPrinter(json: boolean, {stdout, stderr}: Streams = process): Printer {
  let shown = false
  function progress(text: string): void {
    if (!stderr.isTTY || (!shown && text === '')) return
    stderr.write(`\r\u001B[K${clean(text).slice(0, (stderr.columns ?? 80) - 1)}`)
    shown = text !== ''
  }
  function write(stream: NodeJS.WriteStream, text: string): void {
    progress('')
    stream.write(`${text}\n`)
  }
  return {
    json,
    line: text => {
      if (!json) write(stdout, clean(text))
    },
    document: (value, {compact = false} = {}) => {
      if (json) write(stdout, JSON.stringify(value ?? null, null, compact ? undefined : 2))
    },
    note: text => write(stderr, text),
    progress,
    style: (format, text) => styleText(format, text, {stream: stderr}),
  }
}

/** Text of plugins and servers must not steer the terminal. */
export function clean(text: string): string {
  return [...stripVTControlCharacters(text)].filter(isPrintable).join('')
}

function isPrintable(character: string): boolean {
  const code = character.charCodeAt(0)
  return code === 9 || code === 10 || (code >= 32 && code !== 127 && (code < 128 || code > 159))
}
