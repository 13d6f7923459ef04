import {setTimeout as delay} from 'node:timers/promises'
import {type Context, PluginError} from 'plugin-host/sdk'
import {decideRetry} from '../answer/decide-retry.ts'
import {decodeText} from '../answer/decode-text.ts'
import {explainStatus} from '../answer/explain-status.ts'
import {isSuccess} from '../answer/is-success.ts'
import type {Types} from '../plugin.types.ts'
import type {Plan} from '../request/plan-request.ts'
import type {RawAnswer} from '../transport/exchange.ts'
import {explainFailure} from '../transport/explain-failure.ts'
import {TransportFailure} from '../transport/transport-failure.ts'
import {attemptRequest, type Trail} from './attempt-request.ts'
import type {Session} from './session.ts'

/** Kept back from the deadline, so that an error of ours still reaches the caller in time. */
const MARGIN_MS = 200
const EXCERPT_CHARS = 200

export interface Called {
  status: number
  headers: RawAnswer['headers']
  text: string
  /** False when the text was cut at the configured number of bytes. */
  complete: boolean
  attempts: number
  /** All attempts and the waits between them. */
  durationMs: number
}

export type Caller = Pick<Context<Types['config']>, 'signal' | 'deadline' | 'log'>

/** Sends until it succeeds or must not be sent again. Throws a PluginError, or the signal's reason when nothing was sent. */
export async function callWeb(
  session: Session,
  plan: Plan,
  caller: Caller,
  success: readonly string[],
): Promise<Called> {
  const started = performance.now()
  for (let attempt = 1; ; attempt++) {
    const trail: Trail = {sent: false}
    try {
      const {body, ...answer} = await attemptOnce(session, plan, caller, {success, trail})
      const durationMs = Math.round(performance.now() - started)
      return {...answer, text: decodeText(body, answer.headers['content-type']), attempts: attempt, durationMs}
    } catch (error) {
      if (!(error instanceof PluginError)) throw error
      const waitMs = decideRetry(error, {
        ...session.config.retry,
        attempt,
        repeatable: plan.repeatable,
        sent: trail.sent,
        remainingMs: timeLeft(caller),
        random: Math.random(),
      })
      if (waitMs === undefined) throw error
      caller.log.warn(`Trying again in ${waitMs} ms: ${error.message}`, {attempt, code: error.code})
      await delay(waitMs, undefined, {signal: caller.signal})
    }
  }
}

async function attemptOnce(
  session: Session,
  plan: Plan,
  caller: Caller,
  {success, trail}: {success: readonly string[]; trail: Trail},
): Promise<RawAnswer> {
  const limit = AbortSignal.timeout(Math.max(1, Math.min(session.config.timeouts.totalMs, timeLeft(caller))))
  const signal = AbortSignal.any([caller.signal, limit])
  try {
    const answer = await attemptRequest(session, plan, {success, signal, trail})
    if (isSuccess(answer.status, success)) return answer
    const excerpt = session.mask.text(excerptOf(answer))
    throw explainStatus({...answer, excerpt, repeatable: plan.repeatable, now: Date.now()})
  } catch (error) {
    if (error instanceof PluginError) throw error
    const sentBefore = trail.sent
    trail.sent ||= error instanceof TransportFailure && error.sent
    if (caller.signal.aborted) throw giveUp(caller.signal, trail.sent && !plan.repeatable)
    if (error instanceof TransportFailure) {
      throw explainFailure(error, {repeatable: plan.repeatable, timedOut: limit.aborted, sentBefore})
    }
    if (limit.aborted)
      throw new PluginError('Cannot get an access token in time', {category: 'unavailable', code: 'CONNECT_TIMEOUT'})
    throw error
  }
}

function timeLeft({deadline}: Caller): number {
  return deadline.getTime() - Date.now() - MARGIN_MS
}

function giveUp(signal: AbortSignal, maybeDone: boolean): unknown {
  if (!maybeDone) return signal.reason
  return new PluginError('Cannot tell whether the request was taken: the call was cancelled after it had been sent', {
    category: 'unknown',
    code: 'CANCELLED_AFTER_SENDING',
    hint: 'Look there before sending again',
    retryable: false,
  })
}

/** The beginning of what the other system says; a page made for people is no explanation. */
function excerptOf({body, headers}: RawAnswer): string {
  const type = headers['content-type'] ?? ''
  if (!/json|xml|text\/plain/i.test(type)) return ''
  return decodeText(body.subarray(0, 4 * EXCERPT_CHARS), type)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, EXCERPT_CHARS)
}
