import {DeviceFailure} from './failures.ts'
import {resolveTarget} from './resolve-target.ts'
import type {Endpoint} from './session.ts'
import {formatTarget, type Target, type TargetPlan} from './targets.ts'
import {withTimeLimit} from './time-limit.ts'

export interface ScanOptions {
  /** Devices asked at the same time. */
  concurrency: number
  /** Longest time on one device, milliseconds. */
  deviceTimeoutMs: number
  /** Ends the scan at once, sockets and all. */
  signal: AbortSignal
  /** Asks one device; a DeviceFailure it throws is the device's, anything else ends the scan. */
  visit: (endpoint: Endpoint, signal: AbortSignal) => Promise<void>
  onFailure: (failure: DeviceFailure, place: string) => void
  /** After each target, also those that a name led to twice. */
  onDone: () => void
}

/** Asks every target once, several at a time. Resolves, or rejects, when none is asked any more. */
export async function scanTargets(plan: TargetPlan, options: ScanOptions): Promise<void> {
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(options.signal.reason)
  options.signal.throwIfAborted()
  options.signal.addEventListener('abort', onAbort)
  const targets = plan[Symbol.iterator]()
  const resolved = new Set<string>()

  async function work(): Promise<void> {
    for (let next = targets.next(); !next.done && !stop.signal.aborted; next = targets.next()) {
      await askTarget(next.value, {...options, signal: stop.signal}, isNew)
      options.onDone()
    }
  }
  /** Names may lead to one address, or to one that is asked anyhow. */
  function isNew({address, port}: Endpoint): boolean {
    const place = formatTarget(address, port)
    const seen = resolved.has(place) || !plan.accepts(address, port)
    resolved.add(place)
    return !seen
  }
  const workers = Array.from({length: Math.min(options.concurrency, plan.total)}, () =>
    work().catch(error => stop.abort(error)),
  )
  await Promise.all(workers)
  options.signal.removeEventListener('abort', onAbort)
  stop.signal.throwIfAborted()
}

async function askTarget(
  target: Target,
  {deviceTimeoutMs, signal, visit, onFailure}: ScanOptions,
  isNew: (endpoint: Endpoint) => boolean,
): Promise<void> {
  const place = formatTarget(target.host, target.port)
  const limit = {signal, ms: deviceTimeoutMs, reason: () => new DeviceFailure('DEVICE_TOO_SLOW', place)}
  try {
    await withTimeLimit(limit, async deviceSignal => {
      const endpoint = await resolveTarget(target, deviceSignal)
      if (!target.named || isNew(endpoint)) await visit(endpoint, deviceSignal)
    })
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof DeviceFailure)) throw error
    onFailure(error, place)
  }
}
