import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Answer, Call, Context, JsonObject, TestStage} from 'plugin-host/sdk'
import type {Manifest} from '../../../host/manifest.ts'
import {type Check, compileSchema, formatProblems} from '../../../host/schema.ts'
import plugin from '../main.ts'
import type {Types} from '../plugin.types.ts'

type Config = Types['config']
type Send = Types['actions']['send']
type Fetch = Types['actions']['fetch']

export const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../plugin.json'), 'utf8')) as Manifest
const checkConfig = compileSchema(manifest.config?.schema ?? {})
const checks = new Map(
  Object.entries(manifest.actions).map(([name, {input, output}]) => [
    name,
    {input: compileSchema(input), output: compileSchema(output)},
  ]),
)

export interface CallChange {
  /** The same one shares connections and tokens; a new one each call when left out. */
  registration?: string
  signal?: AbortSignal
  deadlineMs?: number
  dryRun?: boolean
  idempotencyKey?: string
}

/** What a call left in the log. */
export const logged: string[] = []
let registrations = 0

/** A configuration as the host hands it over: checked, defaults filled in. */
export function makeConfig(config: JsonObject = {}): Config {
  return fill(checkConfig, config) as Config
}

export async function callSend(
  config: JsonObject,
  input: JsonObject,
  change: CallChange = {},
): Promise<Answer<Send['output']>> {
  const check = checks.get('send')
  const call = makeCall(makeConfig(config), fill(check?.input, input) as Send['input'], change)
  const answer = await plugin.actions.send(call)
  fill(check?.output, answer.output as unknown as JsonObject)
  return answer
}

export async function callFetch(
  config: JsonObject,
  input: JsonObject,
  change: CallChange = {},
): Promise<Answer<Fetch['output']>> {
  const check = checks.get('fetch')
  const call = makeCall(makeConfig(config), fill(check?.input, input) as Fetch['input'], change)
  const answer = await plugin.actions.fetch(call)
  fill(check?.output, answer.output as unknown as JsonObject)
  return answer
}

/** The connection test: its stages in order, and the error that ended it. */
export async function callTest(config: JsonObject): Promise<{stages: string[]; error: Failure | undefined}> {
  const stages: Pick<TestStage, 'name' | 'ok'>[] = []
  const call = {
    ...makeContext(makeConfig(config), {}),
    async stage<T>(name: string, run: () => Promise<T> | T): Promise<T> {
      try {
        const value = await run()
        stages.push({name, ok: true})
        return value
      } catch (error) {
        stages.push({name, ok: false})
        throw error
      }
    },
  }
  const error = await Promise.resolve(plugin.test?.(call)).then(
    () => undefined,
    (reason: unknown) => toFailure(reason),
  )
  return {stages: stages.map(({name, ok}) => (ok ? name : `${name} failed`)), error}
}

export interface Failure {
  category: string
  code: string
  message: string
  retryable: boolean
  hint?: string
  field?: string
  retryAfterMs?: number
}

/** What the work rejects with, as the data that crosses the wire. */
export async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const failed = await work.then(
    () => undefined,
    (reason: unknown) => ({reason}),
  )
  if (!failed) throw new Error('Nothing failed')
  return toFailure(failed.reason)
}

function toFailure(error: unknown): Failure {
  const {
    category = 'none',
    code = '',
    message,
    retryable = false,
    hint,
    field,
    retryAfterMs,
  } = error as Partial<Failure> & Error
  return {
    ...{category, code, message, retryable},
    ...(hint && {hint}),
    ...(field && {field}),
    ...(retryAfterMs !== undefined && {retryAfterMs}),
  }
}

function fill(check: Check | undefined, value: JsonObject): unknown {
  const filled = structuredClone(value)
  const problems = check?.(filled) ?? []
  if (problems.length > 0) throw new Error(formatProblems(problems))
  return filled
}

function makeContext(config: Config, change: CallChange): Context<Config> {
  const unused = (): never => {
    throw new Error('This plugin does not use it')
  }
  const log = (message: string): void => void logged.push(message)
  const search = {search: unused, get: unused}
  return {
    registration: change.registration ?? `r${registrations++}`,
    config,
    signal: change.signal ?? new AbortController().signal,
    deadline: new Date(Date.now() + (change.deadlineMs ?? 60_000)),
    log: {debug: log, info: log, warn: log, error: log},
    host: {requests: search, assets: search, kv: {get: unused, set: unused, delete: unused}, http: {fetch: unused}},
  }
}

function makeCall<Input>(config: Config, input: Input, change: CallChange): Call<Config, Input> {
  const unused = (): never => {
    throw new Error('This plugin does not use it')
  }
  return {
    ...makeContext(config, change),
    execution: 'e',
    input,
    mode: change.dryRun ? 'dryRun' : 'live',
    dryRun: change.dryRun ?? false,
    attempt: 1,
    idempotencyKey: change.idempotencyKey,
    trace: undefined,
    progress: unused,
    records: unused,
    artifact: unused,
  }
}
