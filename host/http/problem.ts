import {STATUS_CODES} from 'node:http'
import {type ErrorCode, HostError, isHostError} from './api.ts'
import type {Problem, ProblemItem} from './schemas/problem.ts'

export interface Refusal {
  status: number
  headers: {[name: string]: string}
  problem: Problem
  /** True when it is our fault: its stack belongs into the log. */
  unexpected: boolean
}

const RETRY_AFTER_MS = 1000
const ITEM_KEYS = ['code', 'pointer', 'place', 'message', 'remedy', 'severity'] as const

/** What a failed request is answered with. An error that is not of the table says nothing of itself. */
export function describeFailure(error: unknown, requestId: string): Refusal {
  const known = isHostError(error) ? error : (readFrameworkError(error) ?? new HostError('HOST_INTERNAL'))
  const status = known.status
  const problem: Problem = {
    type: `urn:plugin-host:error:${known.code}`,
    title: STATUS_CODES[status] ?? 'Client Closed Request',
    status,
    detail: known.message,
    code: known.code,
  }
  if (status >= 500) problem.instance = `urn:plugin-host:request:${requestId}`
  const problems = readProblems(known.details.problems)
  if (problems.length > 0) problem.problems = problems
  return {status, headers: describeHeaders(known), problem, unexpected: known.code === 'HOST_INTERNAL'}
}

function describeHeaders({status, details}: HostError): Refusal['headers'] {
  if (status === 401) return {'www-authenticate': 'Bearer realm="plugin-host"'}
  if (status === 405) return {allow: String(details.allow)}
  if (status !== 429 && status !== 503) return {}
  const ms = typeof details.retryAfterMs === 'number' ? details.retryAfterMs : RETRY_AFTER_MS
  return {'retry-after': String(Math.max(1, Math.ceil(ms / 1000)))}
}

/** Only known keys that hold text, and a position, get out: details may carry more than the caller should see. */
function readProblems(value: unknown): ProblemItem[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return []
    const fields = Object.entries(entry).filter(
      ([key, field]) => typeof field === 'string' && ITEM_KEYS.some(known => known === key),
    )
    const item = Object.fromEntries(fields) as Partial<ProblemItem>
    const at = 'at' in entry && typeof entry.at === 'number' ? {at: entry.at} : {}
    return typeof item.message === 'string' ? [{...item, ...at, message: item.message}] : []
  })
}

const BY_STATUS: {[status: number]: ErrorCode} = {
  408: 'REQUEST_TIMEOUT',
  413: 'REQUEST_TOO_LARGE',
  415: 'REQUEST_MEDIA_TYPE',
}

/** A refusal of fastify or one of its plugins, in our words. They mark a caller's fault by a 4xx `statusCode`. */
function readFrameworkError(error: unknown): HostError | undefined {
  if (!(error instanceof Error)) return undefined
  const {statusCode, code} = error as Error & {statusCode?: unknown; code?: unknown}
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return undefined
  if (typeof code !== 'string' || !code.startsWith('FST_')) return undefined
  return new HostError(BY_STATUS[statusCode] ?? 'REQUEST_INVALID', {reason: error.message, type: 'malformed'}, error)
}
