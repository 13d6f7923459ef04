import {isSuccess} from '../answer/is-success.ts'
import {authorize} from '../request/authorize.ts'
import type {Plan} from '../request/plan-request.ts'
import type {RawAnswer} from '../transport/exchange.ts'
import {followRedirects} from '../transport/follow-redirects.ts'
import type {Session} from './session.ts'
import {waitOrAbort} from './wait-or-abort.ts'

/** What an attempt leaves behind when it fails. */
export interface Trail {
  /** The other system may have seen a request. */
  sent: boolean
}

export interface AttemptOptions {
  success: readonly string[]
  signal: AbortSignal
  trail: Trail
}

/** One attempt: credentials, redirects, and once more with a new token when an OAuth2 token is refused. */
export async function attemptRequest(session: Session, plan: Plan, options: AttemptOptions): Promise<RawAnswer> {
  const {tokens} = session
  if (!tokens) return sendAuthorized(session, plan, undefined, options)
  const token = await waitOrAbort(tokens.get(), options.signal)
  const answer = await sendAuthorized(session, plan, token, options)
  if (answer.status !== 401) return answer
  // A refused token means that nothing was done, so this is safe for any method.
  tokens.drop(token)
  options.trail.sent = false
  return sendAuthorized(session, plan, await waitOrAbort(tokens.get(), options.signal), options)
}

function sendAuthorized(
  session: Session,
  plan: Plan,
  token: string | undefined,
  {success, signal, trail}: AttemptOptions,
): Promise<RawAnswer> {
  const {auth, redirects} = session.config
  return followRedirects(authorize(plan, auth, token), {
    max: redirects,
    isFinal: status => isSuccess(status, success),
    send: async (next, own) => {
      const answer = await session.send(next, own, signal)
      trail.sent = true
      return answer
    },
  })
}
