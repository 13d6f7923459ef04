import type {Answer, Call, Effect} from 'plugin-host/sdk'
import type {Types} from '../plugin.types.ts'
import {authorize} from '../request/authorize.ts'
import {showHeaders} from '../request/mask.ts'
import {type Plan, planRequest} from '../request/plan-request.ts'
import {callWeb} from './call-web.ts'
import {judgeAnswer} from './judge-answer.ts'
import type {Session} from './session.ts'
import {openSession} from './sessions.ts'

type Config = Types['config']
type Send = Types['actions']['send']
type Fetch = Types['actions']['fetch']

const STAND_IN = '******'

/** Action `send`. */
export async function runSend(call: Call<Config, Send['input']>): Promise<Answer<Send['output']>> {
  const {config, input} = call
  const session = openSession(call.registration, config)
  const plan = await planRequest(config, {...input, reads: false, idempotencyKey: call.idempotencyKey})
  if (!call.dryRun) return run(call, session, plan)
  const text = `Would send ${describe(plan)}`
  const output = {attempts: 0, durationMs: 0, request: showRequest(session, plan)}
  return {output, effects: noteOn(input.ticket, text), message: text}
}

/** Action `fetch`. */
export async function runFetch(call: Call<Config, Fetch['input']>): Promise<Answer<Fetch['output']>> {
  const {config, input} = call
  const session = openSession(call.registration, config)
  const plan = await planRequest(config, {...input, method: 'GET', reads: true, idempotencyKey: undefined})
  return run(call, session, plan)
}

async function run(call: Call<Config, Fetch['input']>, session: Session, plan: Plan): Promise<Answer<Fetch['output']>> {
  const {config, input, log} = call
  if (config.tls.insecure) log.warn('Certificates are not checked: tls.insecure is set. Set tls.ca instead')
  const called = await callWeb(session, plan, call, input.success ?? config.answer.success)
  const output = await judgeAnswer(session, called, input)
  const text = `${describe(plan)} was answered with ${output.status}`
  log.debug(text, {attempts: output.attempts, durationMs: output.durationMs})
  return {output, effects: noteOn(input.ticket, text), message: text}
}

/** Query and headers stay out: they may hold what a ticket's history must not show. */
function describe({method, url}: Plan): string {
  return `${method} ${url.origin}${url.pathname}`
}

function noteOn(ticket: string | undefined, text: string): Effect[] {
  return ticket ? [{op: 'request.note', request: ticket, text: `Web call: ${text}`}] : []
}

/** The request as it would go out. Credentials are checked as they are and shown as a stand-in. */
function showRequest({config, mask}: Session, plan: Plan): NonNullable<Send['output']['request']> {
  const {auth} = config
  authorize(plan, auth, STAND_IN)
  const hidden = {...auth, password: STAND_IN, token: STAND_IN, apiKey: STAND_IN}
  const {method, url, headers, body = ''} = authorize(plan, hidden, STAND_IN)
  return {
    method,
    url: mask.text(url.href),
    headers: showHeaders(headers.values(), mask),
    body: mask.text(body).slice(0, config.answer.bodyChars).toWellFormed(),
  }
}
