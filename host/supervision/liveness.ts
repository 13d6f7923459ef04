import type {Clock} from '../clock.ts'
import type {Config} from '../config.ts'
import type {PluginProcess} from '../process/types.ts'

/**
 * Any traffic is a heartbeat; an idle process is pinged. One that leaves `pingMisses` pings in a row unanswered and says nothing else
 * either is ended. Returns what stops the watching.
 */
export function watchLiveness(
  process: PluginProcess,
  clock: Clock,
  {pingIntervalMs, pingMisses}: Pick<Config['process'], 'pingIntervalMs' | 'pingMisses'>,
): () => void {
  let missed = 0
  let pinging = false
  let watching = true
  let lookedAt = clock.now()
  let cancel = clock.after(pingIntervalMs, look)

  function look(): void {
    const now = clock.now()
    const quiet = process.lastHeardAt < lookedAt
    // Looking came far too late itself: this host was asleep or stopped, and the silence proves nothing.
    const awake = now - lookedAt < pingIntervalMs * 2
    lookedAt = now
    missed = quiet && awake && pinging ? missed + 1 : 0
    if (missed >= pingMisses) {
      process.end('unresponsive', `for ${missed} pings, ${pingIntervalMs} ms apart`)
      return
    }
    if (quiet && !pinging) ping()
    if (watching) cancel = clock.after(pingIntervalMs, look)
  }
  function ping(): void {
    pinging = true
    process.ping().then(
      () => {
        pinging = false
      },
      // It ended: whoever watches for its exit acts on that.
      () => {},
    )
  }

  return () => {
    watching = false
    cancel()
  }
}
