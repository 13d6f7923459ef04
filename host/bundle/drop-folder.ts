import {type FSWatcher, watch} from 'node:fs'
import {mkdir, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import type {Clock} from '../clock.ts'
import {readMark, takeDrop} from './take-drop.ts'

export interface DropFolderOptions {
  /** Installs the bundle at a path; its rejection is the refusal. */
  install: (path: string) => Promise<unknown>
  /** Time a file must stay unchanged before it counts as written, milliseconds. */
  settleMs: number
  clock: Clock
  /** What went wrong beside refusals: the folder cannot be read, a file cannot be moved, the disk is full. */
  onError: (error: unknown) => void
}

export interface DropFolder {
  /** Resolves when nothing is watched and no install runs any more. Idempotent. */
  close(): Promise<void>
}

/** A file as it was last seen. */
interface Sighting {
  /** Changes whenever the file does. */
  mark: string
  /** When it may be taken if it stays as it is, monotonic milliseconds. */
  dueAt: number
  /** Refused once already, as if it had been cut off. */
  doubted: boolean
}

const BUNDLE_NAME = /^[^.].*\.(fp|tgz)$/i
/** How long a bundle waits that the host could not take now for a reason of its own. */
const RETRY_MS = 30_000
/** A file that seems cut off may be one whose writer has stalled: it gets this many settle times more. */
const DOUBT_FACTOR = 10
const SHORTEST_LOOK_MS = 20

/**
 * Installs bundles that are copied into a folder, those that are there already first. A file is taken once its writing
 * has settled; then it is gone, or lies in `refused/` beside `<name>.reason.txt`. Folders, links and names with a
 * leading dot are left alone.
 */
export async function watchDropFolder(folder: string, options: DropFolderOptions): Promise<DropFolder> {
  await mkdir(folder, {recursive: true})
  const stopping = new AbortController()
  const seen = new Map<string, Sighting>()
  let looking: Promise<void> | null = null
  let cancelTimer = (): void => {}
  let closing: Promise<void> | null = null

  function look(): void {
    if (stopping.signal.aborted || looking !== null) return
    cancelTimer()
    looking = takeSettled(folder, seen, {...options, signal: stopping.signal})
      .catch(options.onError)
      .finally(() => {
        looking = null
        // Watching misses changes on some file systems, so it only makes the next look come sooner.
        const pause = Math.max(options.settleMs / 2, SHORTEST_LOOK_MS)
        if (!stopping.signal.aborted) cancelTimer = options.clock.after(pause, look)
      })
  }

  async function stop(): Promise<void> {
    stopping.abort()
    watcher?.close()
    cancelTimer()
    await looking
  }

  const watcher = openWatcher(folder, look, options.onError)
  look()
  return {close: () => (closing ??= stop())}
}

function openWatcher(folder: string, onChange: () => void, onError: (error: unknown) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, onChange)
    watcher.on('error', onError)
    watcher.unref()
    return watcher
  } catch (error) {
    onError(error)
    return undefined
  }
}

/** Takes every file that has not changed for the settle time, one after the other. */
async function takeSettled(
  folder: string,
  seen: Map<string, Sighting>,
  options: DropFolderOptions & {signal: AbortSignal},
): Promise<void> {
  const {clock, settleMs, install, onError, signal} = options
  await noteChanges(folder, seen, options)
  const due = [...seen].filter(([, {dueAt}]) => dueAt <= clock.elapsed()).sort(([, a], [, b]) => a.dueAt - b.dueAt)
  for (const [name, sighting] of due) {
    if (signal.aborted) return
    const taken = await takeDrop(folder, name, {mark: sighting.mark, patient: !sighting.doubted, install})
    if (taken.name === 'doubted') {
      seen.set(name, {...sighting, doubted: true, dueAt: clock.elapsed() + settleMs * DOUBT_FACTOR})
    }
    if (taken.name === 'failed') {
      seen.set(name, {...sighting, dueAt: clock.elapsed() + RETRY_MS})
      onError(taken.error)
    }
  }
}

async function noteChanges(
  folder: string,
  seen: Map<string, Sighting>,
  {settleMs, clock}: DropFolderOptions,
): Promise<void> {
  await mkdir(folder, {recursive: true})
  const names = (await readdir(folder)).filter(name => BUNDLE_NAME.test(name))
  for (const name of seen.keys()) if (!names.includes(name)) seen.delete(name)
  for (const name of names) {
    const mark = await readMark(join(folder, name))
    if (mark === undefined) seen.delete(name)
    else if (seen.get(name)?.mark !== mark) seen.set(name, {mark, dueAt: clock.elapsed() + settleMs, doubted: false})
  }
}
