import type {Readable, Writable} from 'node:stream'
import {
  type InitializeResult,
  LOG_LEVELS,
  type LogParams,
  METHODS,
  type PingResult,
  type ProgressParams,
} from '../../runtime/protocol.ts'
import type {Config} from '../config.ts'
import type {ProcessExit} from '../types.ts'
import {type Calls, createCalls} from './call.ts'
import {openConnection} from './connection.ts'
import {watchDeath} from './death.ts'
import {shakeHands} from './handshake.ts'
import {createLineSplitter} from './log-lines.ts'
import {type MarkedParts, spawnMarked} from './spawn-marked.ts'
import {stopProcess} from './stop-process.ts'
import {createTransport} from './transport.ts'
import type {CallOptions, LaunchSpec, PluginProcess, ProcessHooks} from './types.ts'
import {watchHealth} from './watch-health.ts'

export interface ProcessParts extends MarkedParts {
  config: Config['process']
}

const STDERR_LINES = 200

/** The child and everything around it, before it has said a word. */
export function spawnProcess(parts: ProcessParts, spec: LaunchSpec, hooks: ProcessHooks) {
  const {clock, config} = parts
  const startedAt = clock.now()
  const {child, pid, bury} = spawnMarked(parts, spec)
  const stderr: string[] = []
  const memory = {rssBytes: 0, heapBytes: 0, lagMs: 0}
  let answer: InitializeResult | undefined
  let readyMs = -1
  let stopping: Promise<ProcessExit> | undefined

  const transport = createTransport(child.stdout as Readable, child.stdin as Writable, {
    onBreach: error => death.end('protocolError', error.message),
    onNotification: (method, params) => receiveNotification(method, params, hooks, calls),
    onTrace: hooks.onTrace,
    ...(process.platform === 'win32' && {
      onStray: bytes => hooks.onLog({source: 'stdout', level: 'info', message: bytes.toString()}),
    }),
  })
  const connection = openConnection(spec.id, transport, hooks)
  const {redactor} = hooks
  const death = watchDeath(child, {clock, isReady: () => readyMs >= 0, stderr, onDead, redactor})
  const calls = createCalls({
    id: spec.id,
    clock,
    connection,
    exit: () => death.exit,
    isFull() {
      const {messages, bytes} = transport.queued
      return messages >= config.queueMessages || bytes >= config.queueBytes
    },
    onCancelIgnored: method => death.end('cancelIgnored', `"${method}" ran on for ${config.cancelGraceMs} ms`),
    cancelGraceMs: spec.inspect ? 0 : config.cancelGraceMs,
  })
  const health = spec.inspect
    ? () => {}
    : watchHealth({pid, clock, config, memory, memoryMb: spec.limits.memoryMb, transport, death})
  readLines(child.stderr as Readable, line => {
    stderr.push(line)
    if (stderr.length > STDERR_LINES) stderr.shift()
    hooks.onLog({source: 'stderr', level: 'info', message: line})
  })
  // A plugin that closed its stdin shows as EPIPE here; its exit or its silence is what is acted on.
  child.stdin?.on('error', () => {})

  function onDead(exit: ProcessExit): void {
    health()
    connection.dispose()
    hooks.onLog({
      source: 'host',
      level: exit.reason === 'stopped' ? 'info' : 'error',
      message: `The process ended: ${exit.message}`,
    })
  }

  const gone = death.exited.then(() =>
    bury(pids =>
      hooks.onLog({
        source: 'host',
        level: 'error',
        message: `Processes it started are still there: ${pids.join(', ')}`,
      }),
    ),
  )

  async function ping(): Promise<void> {
    const pong = (await connection.request(METHODS.ping, {sentAt: clock.now()})) as Partial<PingResult> | null
    memory.lagMs = pong?.lagMs ?? 0
    memory.heapBytes = pong?.heapBytes ?? 0
    memory.rssBytes ||= pong?.rssBytes ?? 0
  }

  const pluginProcess: PluginProcess = {
    name: `${spec.id}@${spec.version}#${pid}`,
    pid,
    version: spec.version,
    startedAt,
    memory,
    exited: death.exited,
    gone,
    get readyMs() {
      return readyMs
    },
    get capabilities() {
      if (answer === undefined) throw new Error('Cannot tell the capabilities: the process is not ready')
      return answer.capabilities
    },
    get inFlight() {
      return calls.inFlight
    },
    get lastHeardAt() {
      return transport.lastHeardAt
    },
    call: (method: string, params: object, options?: CallOptions) => calls.call(method, params, options),
    configure: async params => void (await calls.call(METHODS.configure, params)),
    ping,
    drain: timeoutMs => calls.drain(timeoutMs),
    stop: () =>
      (stopping ??= stopProcess(child, calls, death, {
        clock,
        drainMs: config.drainMs,
        terminateMs: config.terminateMs,
      }).then(async exit => {
        await gone
        return exit
      })),
    end: (reason, detail) => death.end(reason, detail),
  }

  return {
    process: pluginProcess,
    initialize: () => shakeHands(connection, spec, pluginProcess.name),
    initialized(result: InitializeResult) {
      answer = result
    },
    ready(ms: number) {
      readyMs = ms
    },
  }
}

function readLines(stream: Readable, onLine: (line: string) => void): void {
  const lines = createLineSplitter(onLine)
  stream.on('data', (chunk: Buffer) => lines.push(chunk))
  stream.on('end', () => lines.end())
  stream.on('error', () => {})
}

function receiveNotification(method: string, params: unknown, hooks: ProcessHooks, calls: Calls): void {
  if (method === METHODS.progress) {
    const {token, value} = Object(params) as Partial<ProgressParams>
    if (typeof token !== 'string' || typeof value !== 'object') return
    calls.onProgress(token, hooks.redactor?.json(value) ?? value)
  } else if (method === METHODS.log) {
    const {level, message, fields, execution} = Object(params) as Partial<LogParams>
    const known = LOG_LEVELS.find(name => name === level) ?? 'info'
    hooks.onLog({
      source: 'plugin',
      level: known,
      message: String(message),
      ...(fields && {fields}),
      ...(execution && {execution}),
    })
  } else {
    const stray = method === 'strayAnswer'
    hooks.onLog({
      source: 'host',
      level: 'warn',
      message: stray
        ? 'It answered a call twice, or one nobody made'
        : `It sent a notification nobody knows: ${method}`,
    })
  }
}
