import {mkdir} from 'node:fs/promises'
import type {Readable, Writable} from 'node:stream'
import {finished} from 'node:stream/promises'
import {type Clock, delay} from '../clock.ts'
import {killGroup} from './launch.ts'
import {type MarkedParts, spawnMarked} from './spawn-marked.ts'
import type {LaunchSpec} from './types.ts'

/** How a process ended that nobody supervised. */
export interface WireEnd {
  code: number | null
  signal: NodeJS.Signals | null
}

/** A plugin process whose wire is laid open: nobody shakes hands, pings, answers or times out. */
export interface OpenWire {
  readonly pid: number
  /** To the plugin. */
  readonly input: Writable
  /** From the plugin: frames, and nothing else. */
  readonly output: Readable
  /** What the plugin and all it started print. */
  readonly prints: Readable
  /** Never rejects. After it nothing the process had started is left, and what it had written is read. */
  readonly ended: Promise<WireEnd>
  /** The end of its input, then SIGTERM, then SIGKILL. Idempotent: the same promise each time. */
  stop(): Promise<WireEnd>
}

/** Between the end of the input, at which a sound plugin exits by itself, and SIGTERM. */
const INPUT_END_MS = 1000
/** Where what a process had started cannot be found, it may hold the pipes open for ever; so long they are read on. */
const LAST_WORDS_MS = 500

/** Starts a process with the isolation it has in a server, and hands out its three pipes. `terminateMs`: from SIGTERM to SIGKILL. */
export async function openWire(parts: MarkedParts & {terminateMs: number}, spec: LaunchSpec): Promise<OpenWire> {
  const {clock, terminateMs} = parts
  await mkdir(spec.dataFolder, {recursive: true, mode: 0o700})
  const {child, pid, bury} = spawnMarked(parts, spec)
  const [input, output, prints] = [child.stdin as Writable, child.stdout as Readable, child.stderr as Readable]
  // A plugin that closed its end shows as EPIPE here; its exit is what counts.
  for (const stream of [input, output, prints]) stream.on('error', () => {})
  let stopping: Promise<WireEnd> | undefined

  const exited = new Promise<WireEnd>(resolve => {
    child.once('error', () => resolve({code: 127, signal: null}))
    child.once('exit', (code, signal) => resolve({code, signal}))
  })
  const ended = exited.then(async end => {
    await bury(() => {})
    await readToEnd([output, prints], clock)
    for (const stream of [input, output, prints]) stream.destroy()
    return end
  })

  async function stop(): Promise<WireEnd> {
    const within = (ms: number): Promise<boolean> =>
      Promise.race([exited.then(() => true), delay(clock, ms).then(() => false)])
    input.end()
    if (!(await within(INPUT_END_MS)) && pid > 0) {
      killGroup(pid, 'SIGTERM')
      if (!(await within(terminateMs))) killGroup(pid, 'SIGKILL')
    }
    return ended
  }

  return {pid, input, output, prints, ended, stop: () => (stopping ??= stop())}
}

/** A stream that is paused waits for its slow reader: that may take its time. */
async function readToEnd(streams: readonly Readable[], clock: Clock): Promise<void> {
  const read = Promise.allSettled(streams.map(stream => finished(stream))).then(() => true)
  const late = (): Promise<boolean> =>
    delay(clock, LAST_WORDS_MS).then(() => !streams.some(stream => stream.isPaused()))
  while (!(await Promise.race([read, late()])));
}
