import {type HostError, isHostError} from '../../errors.ts'
import {processLimits} from '../../manifest.ts'
import {describeLimits, type Limits} from '../limits.ts'
import {type PreparedCall, prepareCall} from '../prepare-call.ts'
import type {ExecutorParts} from '../types.ts'
import type {Claimed, Entry} from './lane.ts'

/** One whose turn it is, with what is to be called at its end; or why it cannot be run. */
export type Claim = {entry: Entry; leave: () => void} & ({call: PreparedCall} | {error: HostError})

export interface Claims {
  claim(entry: Entry): Claimed<Claim>
  /** When one that `claim` left waiting may go on, as far as that is a matter of time; forgets it. */
  takeNextTurn(): number | undefined
}

interface ClaimParts extends Pick<ExecutorParts, 'findRegistration' | 'findManifest' | 'requireFit' | 'config'> {
  limits: Limits
}

/** Looks at what holds each back: the limits of its registration and action, and what its plugin takes at once. */
export function createClaims(parts: ClaimParts): Claims {
  const running = new Map<string, number>()
  let nextTurn: number | undefined

  function enter(plugin: string): () => void {
    running.set(plugin, (running.get(plugin) ?? 0) + 1)
    return () => {
      const rest = (running.get(plugin) ?? 1) - 1
      if (rest > 0) running.set(plugin, rest)
      else running.delete(plugin)
    }
  }

  function claimCall(entry: Entry, call: PreparedCall): Claimed<Claim> {
    const {plugin} = call.registration
    const {concurrency} = processLimits(call.active.manifest.process)
    if ((running.get(plugin) ?? 0) >= concurrency) return {blocked: 'registration'}
    const wanted = describeLimits(call)
    const entered = wanted && parts.limits.tryEnter(wanted)
    if (typeof entered !== 'object') {
      const leavePlugin = enter(plugin)
      const leave = (): void => {
        leavePlugin()
        entered?.()
      }
      return {taken: {entry, call, leave}}
    }
    const {place, at} = entered
    if (at !== undefined) nextTurn = Math.min(nextTurn ?? at, at)
    return place === undefined ? {blocked: 'registration'} : {blocked: 'place', place}
  }

  return {
    claim(entry) {
      try {
        return claimCall(entry, prepareCall(entry.request, parts))
      } catch (error) {
        if (!isHostError(error)) throw error
        return {taken: {entry, error, leave: () => {}}}
      }
    },
    takeNextTurn() {
      const at = nextTurn
      nextTurn = undefined
      return at
    },
  }
}
