import type {Clock} from '../clock.ts'
import type {Config} from '../config.ts'
import type {Store} from '../store/open-store.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

export interface RetentionParts {
  clock: Clock
  store: Pick<Store, 'pruneExecutions'>
  files: {remove(executions: readonly string[]): Promise<void>}
  config: Pick<Config['execution'], 'keep' | 'keepDays'>
}

/** Deletes executions that are too many or too old, and their files; some at a time, so that nothing waits long for the store. */
export async function pruneExecutions({clock, store, files, config}: RetentionParts): Promise<number> {
  const {keep, keepDays} = config
  const before = keepDays > 0 ? {before: clock.now() - keepDays * DAY_MS} : {}
  for (let total = 0; ; ) {
    const {deleted, withFiles, more} = store.pruneExecutions({keep, ...before})
    total += deleted
    await files.remove(withFiles)
    if (!more) return total
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** Once an hour; the returned function ends it. */
export function startRetention({
  clock,
  prune,
  onError,
}: {
  clock: Clock
  prune: () => Promise<unknown>
  onError: (error: unknown) => void
}): () => void {
  let cancel = clock.after(HOUR_MS, run)
  let ended = false
  function run(): void {
    prune()
      .catch(onError)
      .finally(() => {
        if (!ended) cancel = clock.after(HOUR_MS, run)
      })
  }
  return () => {
    ended = true
    cancel()
  }
}
