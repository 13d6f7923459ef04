import type {ChildProcess} from 'node:child_process'
import {finished} from 'node:stream/promises'
import {type Clock, delay} from '../clock.ts'
import type {Redactor} from '../registry/redact.ts'
import type {ExitReason, ProcessExit} from '../types.ts'
import {diagnoseExit, findCause} from './diagnose-exit.ts'
import {killGroup} from './launch.ts'

/** The one door every way of dying goes through. */
export interface Death {
  /** Set once the process is gone and what it had written is read. */
  readonly exit: ProcessExit | undefined
  readonly exited: Promise<ProcessExit>
  /** Kills the group; the first reason given is the one that is told. */
  end(reason: ExitReason, detail: string): void
  /** Names the reason for an exit that is to come by itself. */
  expect(reason: ExitReason): void
}

/** Pipes of a dead process are read on for this long: a grandchild may hold them open for ever. */
const LAST_WORDS_MS = 50
const STDERR_LINES = 20

/** `isReady` tells a failed start from a crash. `onDead` runs before anybody who waits for `exited`. */
export function watchDeath(
  child: ChildProcess,
  options: {
    clock: Clock
    isReady(): boolean
    stderr: readonly string[]
    onDead(exit: ProcessExit): void
    redactor?: Redactor | undefined
  },
): Death {
  const {clock, redactor} = options
  let reason: ExitReason | undefined
  let detail = ''
  let exit: ProcessExit | undefined

  const exited = new Promise<ProcessExit>(resolve => {
    child.once('error', error => void close(null, null, error.message))
    child.once('exit', (code, signal) => void close(code, signal, ''))

    async function close(code: number | null, signal: string | null, spawnError: string): Promise<void> {
      if (exit !== undefined) return
      const streams = [child.stdout, child.stderr].filter(stream => stream !== null && stream !== undefined)
      await Promise.race([Promise.allSettled(streams.map(stream => finished(stream))), delay(clock, LAST_WORDS_MS)])
      const last = options.stderr.slice(-STDERR_LINES)
      const stderr = redactor ? last.map(redactor.line) : last
      const why = detail || spawnError
      exit = diagnoseExit(chooseReason(stderr), redactor?.text(why) ?? why, code, signal, stderr, clock.now())
      for (const stream of [child.stdin, ...streams]) stream?.destroy()
      options.onDead(exit)
      resolve(exit)
    }
  })

  function chooseReason(stderr: readonly string[]): ExitReason {
    if (reason !== undefined) return reason
    if (findCause(stderr).includes('heap out of memory')) return 'memory'
    return options.isReady() ? 'crashed' : 'startFailed'
  }

  return {
    get exit() {
      return exit
    },
    exited,
    end(why, what) {
      if (reason === undefined) {
        reason = why
        detail = what
      }
      if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL')
    },
    expect(why) {
      reason ??= why
    },
  }
}
