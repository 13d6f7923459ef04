import type {Plan} from '../request/plan-request.ts'
import {decideRedirect, refuse} from './decide-redirect.ts'
import type {RawAnswer} from './exchange.ts'

export interface FollowOptions {
  /** How many are followed. */
  max: number
  /** True for statuses that are the answer itself, redirects or not. */
  isFinal: (status: number) => boolean
  /** `own` is false once the origin of the first request was left: credentials stay behind. */
  send: (plan: Plan, own: boolean) => Promise<RawAnswer>
}

/** The answer at the end of the redirects. */
export async function followRedirects(first: Plan, {max, isFinal, send}: FollowOptions): Promise<RawAnswer> {
  let plan = first
  let own = true
  for (let followed = 0; ; followed++) {
    const answer = await send(plan, own)
    const next = isFinal(answer.status) ? undefined : decideRedirect(plan, answer.status, answer.headers.location)
    if (next === undefined || max === 0) return answer
    if (followed === max) throw refuse(`there are more than ${max} of them`)
    own &&= next.url.origin === first.url.origin
    plan = next
  }
}
