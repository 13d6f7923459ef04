import type {IncomingHttpHeaders} from 'node:http'
import type {Json, JsonObject} from '../../../runtime/protocol.ts'
import type {Answer} from './send.ts'

/** What an answer says. done: it did as asked. */
export type Verdict =
  | {kind: 'done'; body: Json}
  | {kind: 'missing'}
  | {kind: 'unauthorized'}
  | {kind: 'limited'; retryAfterMs: number}
  | {kind: 'refused'; reason: string; category: 'business' | 'auth'}
  /** It is in trouble. `untouched`: it says that it did nothing. */
  | {kind: 'broken'; reason: string; untouched: boolean; retryAfterMs?: number}

const DEFAULT_WAIT_MS = 1000
/** Above this a number is a time since 1970, not a wait. */
const EPOCH_MS = 1_000_000_000_000
const LONGEST_REASON = 500

/** Success is told in the body (`returnCode`), not by HTTP's status alone. `now` in milliseconds since 1970. */
export function judgeAnswer({status, headers, text}: Answer, now: number): Verdict {
  if (status === 401) return {kind: 'unauthorized'}
  if (status === 404) return {kind: 'missing'}
  if (status === 429) return {kind: 'limited', retryAfterMs: readWait(headers, now) ?? DEFAULT_WAIT_MS}
  if (status >= 500) return judgeTrouble(status, headers, now)
  const body = parse(text)
  if (status >= 400) {
    const reason = readReason(body) ?? `it answered ${status}`
    return {kind: 'refused', reason, category: status === 403 ? 'auth' : 'business'}
  }
  if (status < 200 || status > 299) {
    return {kind: 'broken', reason: `it answered ${status}, which the host does not follow`, untouched: true}
  }
  if (text.trim() === '') return {kind: 'done', body: null}
  if (body === undefined) return {kind: 'broken', reason: 'its answer is not JSON', untouched: false}
  return judgeBody(body)
}

function judgeBody(body: Json): Verdict {
  const {returnCode} = isObject(body) ? body : {}
  if (returnCode === undefined || returnCode === null || returnCode === 'SUCCESS') return {kind: 'done', body}
  const reason = readReason(body) ?? `it answered ${String(returnCode)}`
  return {kind: 'refused', reason, category: 'business'}
}

function judgeTrouble(status: number, headers: IncomingHttpHeaders, now: number): Verdict {
  const retryAfterMs = readWait(headers, now)
  const reason = `it answered ${status}`
  return {kind: 'broken', reason, untouched: status === 503, ...(retryAfterMs !== undefined && {retryAfterMs})}
}

/** `X-RateLimit-Reset` in milliseconds, else `Retry-After` in seconds or as a date. */
function readWait(headers: IncomingHttpHeaders, now: number): number | undefined {
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN)
  if (Number.isFinite(reset) && reset >= 0) return reset > EPOCH_MS ? Math.max(0, reset - now) : reset
  const after = headers['retry-after']
  if (after === undefined) return undefined
  const seconds = Number(after)
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(after) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

/** Calls that are left, as the headers tell. */
export function readRemaining(headers: IncomingHttpHeaders): number | null {
  const remaining = Number(headers['x-ratelimit-remaining'] ?? Number.NaN)
  return Number.isFinite(remaining) ? remaining : null
}

/** The words meant for people. */
function readReason(body: Json | undefined): string | undefined {
  if (!isObject(body)) return undefined
  const told = [body.userMessage, body.message, body.error_description, body.error].find(
    (text): text is string => typeof text === 'string' && text.trim() !== '',
  )
  return told?.trim().slice(0, LONGEST_REASON)
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
