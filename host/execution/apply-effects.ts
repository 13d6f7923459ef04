import type {Effect, EffectOp, JsonObject} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {EffectContext, MainServer} from '../main-server/main-server.ts'
import {isStoreWide} from '../store/statement.ts'
import type {AppliedEffect} from '../types.ts'
import {toWireError} from './wire-error.ts'

/** An effect somebody asks for: the plugin, when nothing else is said. */
export interface AskedEffect {
  effect: Effect
  from?: NonNullable<AppliedEffect['from']>
  /** What speaks against it already. */
  problem?: HostError
}

export interface EffectOptions {
  mainServer: MainServer
  context: EffectContext
  /** Permissions of the manifest: they bind the plugin, not the administrator's mapping. */
  granted: readonly EffectOp[]
  /** A dry run: they are only shown. */
  show: boolean
}

/** Effects that only have to be made, one after the other, in their order. A failing one is told and does not hold up the rest. */
export interface ReadyEffects {
  /** As they are told should the server end before it has recorded what came of them. */
  interrupted: AppliedEffect[]
  /** As they are told when none of the changes could be made. */
  fail(error: unknown): AppliedEffect[]
  /** There is something to change. */
  changes: boolean
  /** Makes the changes in the transaction it is called in. Missing where the main server keeps them elsewhere. */
  makeNow?: () => AppliedEffect[]
  /** Never rejects. */
  make(): Promise<AppliedEffect[]>
}

type Ready = AppliedEffect | {asked: AskedEffect; make: (() => JsonObject) | undefined}

/** Everything about the effects that can be done before something is changed. Never rejects. */
export async function prepareEffects(asked: readonly AskedEffect[], options: EffectOptions): Promise<ReadyEffects> {
  const {mainServer, context} = options
  const ready: Ready[] = []
  for (const each of asked) ready.push(await prepareEffect(each, options))
  const list = (open: (entry: Exclude<Ready, AppliedEffect>) => AppliedEffect): AppliedEffect[] =>
    ready.map(entry => ('asked' in entry ? open(entry) : entry))
  return {
    interrupted: list(entry => tell(entry.asked, interrupted(entry.asked.effect))),
    fail: error => list(entry => tell(entry.asked, error)),
    changes: ready.some(entry => 'asked' in entry),
    ...(mainServer.prepareEffect && {makeNow: () => list(makeNow)}),
    async make() {
      const made: AppliedEffect[] = []
      for (const entry of ready) {
        made.push('asked' in entry ? await makeElsewhere(entry.asked, mainServer, context) : entry)
      }
      return made
    },
  }
}

async function prepareEffect(asked: AskedEffect, options: EffectOptions): Promise<Ready> {
  const {mainServer, context, granted, show} = options
  const {effect, from, problem} = asked
  if (problem) return tell(asked, problem)
  if (from === undefined && !granted.includes(effect.op)) {
    const error = new HostError('EFFECT_DENIED', {op: effect.op, id: context.plugin})
    return {effect, status: 'denied', error: toWireError(error)}
  }
  if (show) return {effect, status: 'shown', ...(from && {from})}
  try {
    return {asked, make: await mainServer.prepareEffect?.(effect, context)}
  } catch (error) {
    return tell(asked, error)
  }
}

function makeNow({asked, make}: Exclude<Ready, AppliedEffect>): AppliedEffect {
  const {effect, from} = asked
  try {
    return {effect, status: 'applied', ...(make && {result: make()}), ...(from && {from})}
  } catch (error) {
    // The transaction may be gone: the rest must not be made outside of it.
    if (isStoreWide(error)) throw error
    return tell(asked, error)
  }
}

async function makeElsewhere(
  asked: AskedEffect,
  mainServer: MainServer,
  context: EffectContext,
): Promise<AppliedEffect> {
  const {effect, from} = asked
  try {
    return {effect, status: 'applied', result: await mainServer.applyEffect(effect, context), ...(from && {from})}
  } catch (error) {
    return tell(asked, error)
  }
}

/** As one that failed. */
function tell({effect, from}: AskedEffect, error: unknown): AppliedEffect {
  return {effect, status: 'failed', error: toWireError(error), ...(from && {from})}
}

function interrupted({op}: Effect): HostError {
  const reason = 'the server ended while it was being applied, and nobody knows whether it was'
  return new HostError('EFFECT_FAILED', {op, reason, category: 'unknown'})
}
