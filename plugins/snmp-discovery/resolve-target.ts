import {lookup} from 'node:dns/promises'
import {DeviceFailure} from './failures.ts'
import type {Endpoint} from './session.ts'
import {formatTarget, type Target} from './targets.ts'
import {raceSignal} from './time-limit.ts'

/** The address of a target; an address is its own. A name that has none is a DeviceFailure. */
export async function resolveTarget({host, port, named}: Target, signal: AbortSignal): Promise<Endpoint> {
  if (!named) return {address: host, port}
  try {
    const {address} = await raceSignal(lookup(host), signal)
    return {address, port}
  } catch (error) {
    signal.throwIfAborted()
    const unknown = (error as NodeJS.ErrnoException).code === 'ENOTFOUND'
    throw new DeviceFailure(unknown ? 'NAME_UNKNOWN' : 'NAME_UNRESOLVED', formatTarget(host, port), {cause: error})
  }
}
