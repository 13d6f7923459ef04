import {equal} from 'uvu/assert'
import {HostError} from '../../host/errors.ts'
import {createDesk, type Desk, type DeskOptions} from '../../host/main-server/desk.ts'
import type {EffectContext} from '../../host/main-server/main-server.ts'
import type {Effect, JsonObject} from '../../runtime/protocol.ts'
import {refusal} from './executor.ts'
import {type StoreTest, withStore} from './store.ts'

export interface DeskTest extends StoreTest {
  desk: Desk
  apply(effect: Effect, context?: Partial<EffectContext>): Promise<JsonObject>
  /** The message of the business failure. */
  refuse(effect: Effect, context?: Partial<EffectContext>): Promise<string>
}

/** A desk over a real store, its time the store's fake clock. */
export function withDesk<T>(run: (test: DeskTest) => Promise<T>, options: DeskOptions = {}): Promise<T> {
  return withStore(test => {
    const desk = createDesk(test.store, test.clock, options)
    const apply: DeskTest['apply'] = (effect, context) =>
      desk.applyEffect(effect, {execution: 'e', plugin: 'snmp', by: 'ann', ...context})
    const refuse: DeskTest['refuse'] = async (effect, context) => {
      const error = await refusal(apply(effect, context))
      equal([error.code, error.details.category], ['EFFECT_FAILED', 'business'])
      return error.message
    }
    return run({...test, desk, apply, refuse})
  })
}

/** The message of a refused write, after its code and category. */
export async function refusedWrite(work: Promise<unknown>): Promise<string> {
  const error = await refusal(work)
  if (!(error instanceof HostError)) throw error
  equal([error.code, error.details.category], ['MAIN_SERVER_REFUSED', 'business'])
  return error.message
}
