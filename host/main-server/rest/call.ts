import type {Json, JsonObject} from '../../../runtime/protocol.ts'
import {type Clock, delay} from '../../clock.ts'
import {refused, unavailable} from './failure.ts'
import {judgeAnswer, readRemaining, type Verdict} from './judge.ts'
import type {Login} from './login.ts'
import {type Answer, type Send, SendFailure} from './send.ts'

export interface Call {
  method: 'GET' | 'POST'
  path: string
  json?: JsonObject
  form?: FormData
  /** It changes nothing: may be sent again when no answer came. */
  read: boolean
  /** For messages: `change request 12`. */
  action: string
}

/** What the last call came to. */
export interface Health {
  ok: boolean
  message: string
  rateLimitRemaining: number | null
}

export interface Caller {
  /**
   * The body of the answer; undefined when there is no such thing (404). Rejects with MAIN_SERVER_REFUSED or
   * MAIN_SERVER_UNAVAILABLE; of the latter the category `unknown` says that the change may have been made.
   */
  call(call: Call): Promise<Json | undefined>
  health(): Health
}

export interface CallerParts {
  send: Send
  login: Login
  clock: Clock
  /** For a call with its waits. */
  timeoutMs: number
}

const READ_TRIES = 3
const FIRST_WAIT_MS = 250
const LEAST_WAIT_MS = 100

export function createCaller({send, login, clock, timeoutMs}: CallerParts): Caller {
  let health: Health = {ok: true, message: 'not called yet', rateLimitRemaining: null}

  async function call(asked: Call): Promise<Json | undefined> {
    const end = clock.elapsed() + timeoutMs
    const body = await encode(asked)
    let header = await login.authorize()
    let renewed = false
    for (let tries = 1; ; ) {
      const {answer, failure} = await attempt(asked, header, body, end)
      const verdict = answer ? judgeAnswer(answer, clock.now()) : failure
      if (answer) health = {...health, rateLimitRemaining: readRemaining(answer.headers) ?? health.rateLimitRemaining}
      if (verdict.kind === 'done') return verdict.body
      if (verdict.kind === 'missing') return undefined
      if (verdict.kind === 'refused') throw refused(asked.action, verdict.reason, verdict.category)
      if (verdict.kind === 'unauthorized') {
        if (renewed) throw unavailable('it refuses the token it has just given', {category: 'auth'})
        header = await login.renew(header)
        renewed = true
        continue
      }
      const waitMs = decideWait(verdict, asked, tries)
      if (waitMs === undefined || clock.elapsed() + waitMs >= end) throw describeTrouble(verdict, asked)
      await delay(clock, waitMs)
      tries++
    }
  }

  async function attempt(
    {method, path, read}: Call,
    authorization: string,
    {headers, data}: Encoded,
    end: number,
  ): Promise<{answer: Answer; failure?: never} | {answer?: never; failure: Trouble}> {
    const left = Math.max(1, Math.round(end - clock.elapsed()))
    const message = {method, path, headers: {...headers, authorization}, fresh: !read, timeoutMs: left}
    try {
      return {answer: await send({...message, ...(data && {body: data})})}
    } catch (error) {
      if (!(error instanceof SendFailure)) throw error
      return {failure: {kind: 'broken', reason: error.message, untouched: !error.sent}}
    }
  }

  return {
    async call(asked) {
      try {
        const body = await call(asked)
        health = {...health, ok: true, message: ''}
        return body
      } catch (error) {
        // A refusal is an answer.
        const isRefusal = Object(error).code === 'MAIN_SERVER_REFUSED'
        health = {...health, ok: isRefusal, message: isRefusal ? '' : (error as Error).message}
        throw error
      }
    },
    health: () => health,
  }
}

interface Encoded {
  headers: {[name: string]: string}
  data?: Buffer
}

async function encode({json, form}: Call): Promise<Encoded> {
  const accept = {accept: 'application/json'}
  if (json) return {headers: {...accept, 'content-type': 'application/json'}, data: Buffer.from(JSON.stringify(json))}
  if (!form) return {headers: accept}
  const encoded = new Response(form)
  const type = encoded.headers.get('content-type') ?? ''
  return {headers: {...accept, 'content-type': type}, data: Buffer.from(await encoded.arrayBuffer())}
}

type Trouble = Extract<Verdict, {kind: 'limited' | 'broken'}>

/** A limited call was not made, so it may always be made later; what is broken only when that changes nothing. */
function decideWait(verdict: Trouble, {read}: Call, tries: number): number | undefined {
  if (verdict.kind === 'limited') return Math.max(LEAST_WAIT_MS, verdict.retryAfterMs)
  if (!read || tries >= READ_TRIES) return undefined
  return verdict.retryAfterMs ?? FIRST_WAIT_MS * 2 ** (tries - 1)
}

function describeTrouble(verdict: Trouble, {read}: Call): Error {
  const {retryAfterMs} = verdict
  const after = retryAfterMs === undefined ? {} : {retryAfterMs}
  if (verdict.kind === 'limited')
    return unavailable('it takes no more calls for now', {category: 'rateLimit', ...after})
  if (read || verdict.untouched) return unavailable(verdict.reason, {category: 'unavailable', ...after})
  const reason = `${verdict.reason}\nThe change may have been made: look before it is made again`
  return unavailable(reason, {category: 'unknown', retryable: false})
}
