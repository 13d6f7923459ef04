import type {Clock} from './clock.ts'
import type {Config} from './config.ts'
import {createLogFile, type LogFile} from './log-file.ts'
import type {Redactor} from './registry/redact.ts'
import type {LogLine} from './types.ts'

export type LogEntry = Omit<LogLine, 'seq' | 'at'>

/** What the plugins printed and told: the newest lines in memory, more in rotated files. */
export interface PluginLogs {
  write(entry: LogEntry): void
  /** The newest lines, oldest first. */
  read(plugin: string, options?: {lines?: number; execution?: string}): LogLine[]
  follow(plugin: string, options: {signal: AbortSignal}): AsyncIterable<LogLine>
  /** Lines that were over the rate, by plugin. */
  readonly dropped: ReadonlyMap<string, number>
  forget(plugin: string): Promise<void>
  close(): Promise<void>
}

interface PluginLogsOptions {
  folder: string
  config: Config['process']
  clock: Clock
  redactorOf(plugin: string): Redactor
}

/** Lines of a plugin kept in memory, and lines a slow follower may be behind before it loses some. */
const IN_MEMORY = 2000
const FOLLOWER_BEHIND = 1000

interface Stream {
  lines: LogLine[]
  followers: Set<(line: LogLine) => void>
  file: LogFile
  second: number
  inSecond: number
  over: number
}

export function createPluginLogs({folder, config, clock, redactorOf}: PluginLogsOptions): PluginLogs {
  const streams = new Map<string, Stream>()
  const dropped = new Map<string, number>()
  let seq = 0

  function open(plugin: string): Stream {
    const known = streams.get(plugin)
    if (known) return known
    const file = createLogFile(folder, plugin, {maxBytes: config.logFileBytes, files: config.logFiles, clock})
    const stream: Stream = {lines: [], followers: new Set(), file, second: 0, inSecond: 0, over: 0}
    streams.set(plugin, stream)
    return stream
  }

  /** False when the line is over the rate; the first line of a new second says how many there were. */
  function isWithinRate(stream: Stream, entry: LogEntry): boolean {
    const second = Math.floor(clock.now() / 1000)
    if (second !== stream.second) {
      const {over} = stream
      Object.assign(stream, {second, inSecond: 0, over: 0})
      if (over > 0)
        append(stream, {
          ...entry,
          source: 'host',
          level: 'warn',
          message: `${over} log lines were over the rate and are lost`,
        })
    }
    if (++stream.inSecond <= config.logLinesPerSecond) return true
    stream.over++
    dropped.set(entry.plugin, (dropped.get(entry.plugin) ?? 0) + 1)
    return false
  }

  function append(stream: Stream, entry: LogEntry): void {
    const redactor = redactorOf(entry.plugin)
    const line: LogLine = {at: clock.now(), seq: ++seq, ...entry, message: redactor.line(entry.message)}
    if (entry.execution) line.execution = redactor.text(entry.execution)
    if (entry.fields) line.fields = redactor.json(entry.fields)
    stream.lines.push(line)
    if (stream.lines.length > IN_MEMORY * 2) stream.lines.splice(0, IN_MEMORY)
    stream.file.append(JSON.stringify(line))
    for (const follower of stream.followers) follower(line)
  }

  return {
    dropped,
    write(entry) {
      const stream = open(entry.plugin)
      if (isWithinRate(stream, entry)) append(stream, entry)
    },
    read(plugin, {lines = 200, execution} = {}) {
      const all = streams.get(plugin)?.lines ?? []
      const wanted = execution === undefined ? all : all.filter(line => line.execution === execution)
      return wanted.slice(-Math.min(lines, IN_MEMORY))
    },
    follow(plugin, {signal}) {
      const {followers} = open(plugin)
      return followLines(followers, signal)
    },
    async forget(plugin) {
      const stream = streams.get(plugin)
      streams.delete(plugin)
      dropped.delete(plugin)
      await stream?.file.remove()
    },
    async close() {
      await Promise.all([...streams.values()].map(stream => stream.file.close()))
    },
  }
}

/** Lines as they come. A reader too far behind loses the oldest: it must not hold memory. */
async function* followLines(followers: Set<(line: LogLine) => void>, signal: AbortSignal): AsyncGenerator<LogLine> {
  const behind: LogLine[] = []
  let wake = Promise.withResolvers<void>()
  const follower = (line: LogLine): void => {
    behind.push(line)
    if (behind.length > FOLLOWER_BEHIND) behind.shift()
    wake.resolve()
  }
  const onAbort = (): void => wake.resolve()
  followers.add(follower)
  signal.addEventListener('abort', onAbort, {once: true})
  try {
    while (!signal.aborted) {
      yield* behind.splice(0)
      if (behind.length > 0 || signal.aborted) continue
      await wake.promise
      wake = Promise.withResolvers<void>()
    }
  } finally {
    followers.delete(follower)
    signal.removeEventListener('abort', onAbort)
  }
}
