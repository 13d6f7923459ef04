import {request as requestHttp} from 'node:http'
import {ERRORS, type ErrorCode} from '../../../host/errors.ts'

/** One request as it goes over the wire: the path is not made any nicer. */
export interface FuzzRequest {
  /** What is odd about it. */
  why: string
  /** Name of the operation it is meant for. */
  operation?: string
  method: string
  path: string
  headers?: {[name: string]: string | string[]}
  body?: string | Uint8Array
  /** Must be refused; else it may be answered in any way but by a fault of the server. */
  refused: boolean
}

export interface FuzzAnswer {
  status: number
  type: string
  text: string
}

export interface FuzzTarget {
  port: number
  token: string
}

const AT_ONCE = 8
/** Longest wait for an answer, milliseconds. A stream counts as answered when it begins. */
const HANG_MS = 20_000

export function send({port, token}: FuzzTarget, {method, path, headers, body}: FuzzRequest): Promise<FuzzAnswer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(HANG_MS)
    const all = {authorization: `Bearer ${token}`, ...headers}
    const request = requestHttp({port, host: '127.0.0.1', method, path, headers: all, signal}, answer => {
      const type = (answer.headers['content-type'] ?? '').split(';')[0] ?? ''
      const status = answer.statusCode ?? 0
      if (type === 'text/event-stream') {
        answer.destroy()
        resolve({status, type, text: ''})
      }
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => resolve({status, type, text: Buffer.concat(chunks).toString('latin1')}))
      answer.on('error', reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** What is wrong with an answer; undefined when it is as it should be. */
export function judge({refused}: Pick<FuzzRequest, 'refused'>, {status, type, text}: FuzzAnswer): string | undefined {
  if (status === 500) return `500: ${text.slice(0, 300)}`
  if (refused && (status < 400 || status > 499))
    return `${status}, and it should have been refused: ${text.slice(0, 200)}`
  if (status < 400) return undefined
  if (type !== 'application/problem+json') return `${status} is told as "${type}": ${text.slice(0, 200)}`
  const {code, status: told, detail} = parse(text)
  const row = Object.hasOwn(ERRORS, code) ? ERRORS[code as ErrorCode] : undefined
  if (!row || row[0] !== status || told !== status) return `${status} with code "${code}" and status ${told}`
  return detail === '' ? `${status} says nothing` : undefined
}

function parse(text: string): {code: string; status: number; detail: string} {
  try {
    return {code: '', status: 0, detail: '', ...(JSON.parse(text) as object)}
  } catch {
    return {code: 'no JSON', status: 0, detail: ''}
  }
}

/** Sends them all, some at a time; the faults that were found, each with its request. */
export async function findFaults(
  target: FuzzTarget,
  requests: readonly FuzzRequest[],
  onAnswer: (request: FuzzRequest, answer: FuzzAnswer) => void = () => {},
): Promise<string[]> {
  const faults: string[] = []
  const waiting = requests.values()
  const work = async (): Promise<void> => {
    for (const request of waiting) {
      const fault = await send(target, request).then(
        answer => {
          onAnswer(request, answer)
          return judge(request, answer)
        },
        (error: Error & {code?: string}) => `no answer: ${error.code ?? error.name} ${error.message}`,
      )
      if (fault === undefined) continue
      const {method, path, why, body = ''} = request
      faults.push(`${method} ${path.slice(0, 120)} (${why}) ${String(body).slice(0, 200)}\n    -> ${fault}`)
    }
  }
  await Promise.all(Array.from({length: AT_ONCE}, work))
  return faults
}
