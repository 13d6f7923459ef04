import {type FSWatcher, watch} from 'node:fs'
import {sep} from 'node:path'
import {TYPES_FILE} from '../bundle/generate-types.ts'
import {delay, systemClock} from '../clock.ts'

/** Editors write in several steps. */
const SETTLE_MS = 150

/** Installed packages, dotfiles (editors' and our own temporary ones), and what a build writes. */
function isIgnored(path: string): boolean {
  const names = path.split(sep)
  return (
    names.some(name => name === 'node_modules' || name === '__pycache__' || (name.startsWith('.') && name !== '.')) ||
    names.at(-1) === TYPES_FILE ||
    /\.(fp|tgz)$|~$/.test(path)
  )
}

/**
 * Yields once now, and after each change of a source in the folder, when it has settled; changes while the caller is busy
 * are one. Ends with the signal. Each turn's own signal is aborted by the next change.
 */
export async function* watchFolder(
  folder: string,
  {signal}: {signal: AbortSignal},
): AsyncGenerator<{changed: AbortSignal}> {
  let turn = new AbortController()
  let wake = Promise.withResolvers<void>()
  let failure: Error | undefined
  const note = (): void => {
    turn.abort(new Error('A file changed'))
    wake.resolve()
  }
  const watcher = openWatcher(folder, note)
  watcher.on('error', error => {
    failure = error
    wake.resolve()
  })
  const onAbort = (): void => wake.resolve()
  signal.addEventListener('abort', onAbort, {once: true})
  try {
    while (!signal.aborted) {
      yield {changed: turn.signal}
      await wake.promise
      if (failure) throw failure
      do {
        wake = Promise.withResolvers()
        turn = new AbortController()
        await delay(systemClock, SETTLE_MS, signal).catch(() => {})
      } while (turn.signal.aborted && !signal.aborted)
    }
  } finally {
    signal.removeEventListener('abort', onAbort)
    watcher.close()
  }
}

function openWatcher(folder: string, onChange: () => void): FSWatcher {
  return watch(folder, {recursive: true, ignore: isIgnored}, (_, path) => {
    // Older versions of Node know no `ignore`.
    if (path === null || !isIgnored(path)) onChange()
  })
}
