/** A worker that sends requests: `node load.ts`. */
import autocannon from 'autocannon'
import {answerParent} from '../worker.ts'
import {paceRequests} from './pace-requests.ts'
import {submitAll} from './submit.ts'

/** Where requests go, and what shows that they were served. */
export interface Target {
  url: string
  headers: {[name: string]: string}
  body: string
  /** A part of every right answer. */
  expect: string
}

export interface LoadOrder {
  target: Target
  connections: number
  seconds: number
}

export interface PacedOrder extends LoadOrder {
  /** Requests a second. */
  rate: number
}

/** Executions to be accepted and run later. */
export interface SubmitOrder {
  target: Target
  connections: number
  requests: number
}

export interface SubmitReport {
  accepted: number
  failed: number
}

export interface LoadReport {
  requests: number
  perSecond: number
  /** Answers that were no success, and requests without one. */
  failed: number
  /** The longest that a request took, milliseconds. */
  worstMs: number
}

/** As many as there can be: each connection sends its next one when it has its answer. */
async function pressHard({target, connections, seconds}: LoadOrder): Promise<LoadReport> {
  const {expect, ...rest} = target
  const load = autocannon({
    ...rest,
    method: 'POST',
    connections,
    duration: seconds,
    verifyBody: body => body.includes(expect),
  })
  const {requests, duration, latency, non2xx, errors, mismatches} = await load
  return {
    requests: requests.total,
    perSecond: requests.total / duration,
    failed: non2xx + errors + mismatches,
    worstMs: latency.max,
  }
}

answerParent(
  (order: LoadOrder | PacedOrder | SubmitOrder) => {
    if ('requests' in order) return submitAll(order)
    return 'rate' in order ? paceRequests(order) : pressHard(order)
  },
  async () => {},
)
