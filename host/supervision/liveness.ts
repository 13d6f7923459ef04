import type {Clock} from '../clock.ts'
import type {Config} from '../config.ts'
import type {LaunchSpec, PluginProcess} from '../process/types.ts'
import type {ProcessExit} from '../types.ts'
import type {SupervisorParts} from './types.ts'

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

/** Announces a process that got ready, watches it, and hands over its exit with the time it was ready for, milliseconds. */
export function watchProcess(
  process: PluginProcess,
  {clock, config, onEvent}: Pick<SupervisorParts, 'clock' | 'config' | 'onEvent'>,
  {inspect}: Pick<LaunchSpec, 'inspect'>,
  onExit: (exit: ProcessExit, healthyMs: number) => void,
): void {
  const readyAt = clock.now()
  // Under a debugger silence proves nothing.
  const unwatch = inspect ? () => {} : watchLiveness(process, clock, config.process)
  onEvent({type: 'ready', version: process.version, readyMs: process.readyMs})
  void process.exited.then(exit => {
    unwatch()
    onExit(exit, clock.now() - readyAt)
  })
}
