import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Call, Progress} from 'plugin-host/sdk'
import type {Manifest} from '../../../host/manifest.ts'
import {compileSchema, formatProblems} from '../../../host/schema.ts'
import type {DeviceRecord} from '../device-record.ts'
import {discover} from '../discover.ts'
import {getValues} from '../get-values.ts'
import type {Config, DiscoverInput, DiscoverOutput, GetInput, GetOutput} from '../plugin.types.ts'

export const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../plugin.json'), 'utf8')) as Manifest
const checkConfig = compileSchema(manifest.config?.schema ?? {})

export interface Heard {
  records: DeviceRecord[]
  progress: Progress[]
  warnings: string[]
}
export interface CallChange {
  signal?: AbortSignal
  dryRun?: boolean
  /** In place of storing the records. */
  records?: (records: readonly DeviceRecord[]) => Promise<void>
}

/** A configuration as the host hands it over: checked, defaults filled in. */
export function makeConfig(config: {[key: string]: unknown}): Config {
  const filled = structuredClone(config)
  const problems = checkConfig(filled)
  if (problems.length > 0) throw new Error(formatProblems(problems))
  return filled as unknown as Config
}

export async function callDiscover(
  config: {[key: string]: unknown},
  input: DiscoverInput,
  change: CallChange = {},
): Promise<{output: DiscoverOutput; message: string} & Heard> {
  const heard: Heard = {records: [], progress: [], warnings: []}
  const {output, message = ''} = await discover(makeCall(makeConfig(config), input, heard, change))
  return {output, message, ...heard}
}

export async function callGet(config: {[key: string]: unknown}, input: GetInput): Promise<GetOutput> {
  const heard: Heard = {records: [], progress: [], warnings: []}
  return (await getValues(makeCall(makeConfig(config), input, heard, {}))).output
}

function makeCall<Input>(config: Config, input: Input, heard: Heard, change: CallChange): Call<Config, Input> {
  const unused = (): never => {
    throw new Error('This plugin does not use it')
  }
  const search = {search: unused, get: unused}
  return {
    registration: 'r',
    execution: 'e',
    config,
    input,
    mode: change.dryRun ? 'dryRun' : 'live',
    dryRun: change.dryRun ?? false,
    attempt: 1,
    idempotencyKey: undefined,
    trace: undefined,
    signal: change.signal ?? new AbortController().signal,
    deadline: new Date(Date.now() + 60_000),
    log: {debug: () => {}, info: () => {}, warn: text => heard.warnings.push(text), error: () => {}},
    host: {requests: search, assets: search, kv: {get: unused, set: unused, delete: unused}, http: {fetch: unused}},
    progress: progress => heard.progress.push(progress),
    records: async records => {
      const found = structuredClone(records) as readonly DeviceRecord[]
      await change.records?.(found)
      heard.records.push(...found)
    },
    artifact: unused,
  }
}

/** What the work rejects with, as the data that crosses the wire. */
export async function failureOf(
  work: Promise<unknown>,
): Promise<{code: string; category: string; message: string; hint?: string; field?: string}> {
  try {
    await work
  } catch (error) {
    const {code = '', category = '', message, hint, field} = error as Error & {[key: string]: string | undefined}
    return {code, category, message, ...(hint && {hint}), ...(field && {field})}
  }
  throw new Error('Nothing failed')
}
