import type {Execution} from '../types.ts'
import type {ReadyEffects} from './apply-effects.ts'
import type {RunningExecution} from './running.ts'
import type {ExecutorParts} from './types.ts'

interface RecordParts {
  running: RunningExecution
  parts: Pick<ExecutorParts, 'store' | 'onError'>
}

/**
 * Makes the changes and records the end. Where the changes are kept in the host's own store both are one synced write: neither is
 * there without the other, also after a crash. Elsewhere nothing can tell after a crash whether a change was made, so one that has to
 * survive it is first recorded as ended with its changes interrupted: they are never made twice.
 */
export async function recordEnd(
  ended: Execution,
  effects: ReadyEffects | null,
  {running, parts}: RecordParts,
): Promise<Execution> {
  if (!effects?.changes) return writeEnd({...ended, effects: effects?.interrupted ?? []}, {running, parts})
  const {makeNow} = effects
  if (makeNow) return writeWithEffects(ended, {...effects, makeNow}, {running, parts})
  if (ended.durable) {
    const interrupted = {...ended, effects: effects.interrupted}
    await parts.store.executions
      .commit(interrupted, running.idempotencyKey, () => running.alongside?.(interrupted))
      .catch((error: unknown) => parts.onError?.(error))
  }
  return writeEnd({...ended, effects: await effects.make()}, {running, parts})
}

async function writeWithEffects(
  ended: Execution,
  {makeNow, fail}: ReadyEffects & {makeNow: NonNullable<ReadyEffects['makeNow']>},
  {running, parts: {store, onError}}: RecordParts,
): Promise<Execution> {
  const whole = {...ended}
  try {
    await store.executions.commit(whole, running.idempotencyKey, () => {
      whole.effects = makeNow()
      running.alongside?.(whole)
    })
  } catch (error) {
    onError?.(error)
    whole.effects = fail(error)
    recordLater(whole, running, store)
  }
  return whole
}

/** With what is to join it, when the disk takes it. */
function recordLater(
  ended: Execution,
  {idempotencyKey, alongside}: RunningExecution,
  {executions, writer}: RecordParts['parts']['store'],
): void {
  executions.record(ended, idempotencyKey)
  if (alongside) writer.append(() => alongside(ended))
}

async function writeEnd(ended: Execution, {running, parts: {store, onError}}: RecordParts): Promise<Execution> {
  const {idempotencyKey, stored, alongside} = running
  // Something durable hangs on it already (records, files, a key): so must its end.
  if (stored === undefined) store.executions.record(ended)
  else {
    await store.executions
      .commit(ended, idempotencyKey, alongside && (() => alongside(ended)))
      .catch((error: unknown) => {
        onError?.(error)
        recordLater(ended, running, store)
      })
  }
  return ended
}
