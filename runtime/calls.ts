/** The requests that reach plugin code: configure, execute, test, options, verify, migrate. */

import {createContext, createExecuteCall} from './call.ts'
import type {Connection, Handlers, Serving} from './connection.ts'
import {createLog} from './host-api.ts'
import {
  type ConfigureParams,
  type ExecuteParams,
  type ExecuteResult,
  type JsonObject,
  METHODS,
  type MigrateParams,
  type OptionsParams,
  type OptionsResult,
  RPC_CODES,
  type TestParams,
  type TestResult,
  type TestStage,
  type VerifyParams,
} from './protocol.ts'
import type {Answer, Plugin} from './sdk.ts'
import {toWireError} from './wire-error.ts'

/** More choices than this are cut; the user searches on. */
const MAX_OPTIONS = 500

export function createCalls(connection: Connection, plugin: Plugin): Handlers {
  const configs = new Map<string, JsonObject>()

  async function configure({registration, config}: ConfigureParams): Promise<null> {
    if (config === null) configs.delete(registration)
    else configs.set(registration, config)
    await plugin.configure?.(config, registration)
    return null
  }

  function execute(params: ExecuteParams, serving: Serving): ExecuteResult | Promise<ExecuteResult> {
    const action = Object.hasOwn(plugin.actions, params.action) ? plugin.actions[params.action] : undefined
    if (action === undefined) throw unsupported(`action "${params.action}"`)
    const answer = action(createExecuteCall(connection, params, configs.get(params.registration) ?? {}, serving))
    return answer instanceof Promise ? answer.then(complete) : complete(answer)
  }

  async function test(params: TestParams, serving: Serving): Promise<TestResult> {
    if (plugin.test === undefined) throw unsupported('test')
    const stages: TestStage[] = []
    try {
      await plugin.test({
        ...createContext(connection, params, params.config, serving),
        stage: (name, run) => runStage(stages, name, run),
      })
      return {ok: stages.every(stage => stage.ok), stages}
    } catch (error) {
      return {ok: false, stages, error: toWireError(error)}
    }
  }

  async function options(params: OptionsParams, serving: Serving): Promise<OptionsResult> {
    const list = Object.hasOwn(plugin.options ?? {}, params.field) ? plugin.options?.[params.field] : undefined
    if (list === undefined) throw unsupported(`options of "${params.field}"`)
    // A registration that is off was never configured: then what is filled in is all there is.
    const context = createContext(connection, params, configs.get(params.registration) ?? params.values, serving)
    const found = await list({...context, search: params.search, values: params.values})
    return {options: found.slice(0, MAX_OPTIONS), more: found.length > MAX_OPTIONS}
  }

  async function verify(params: VerifyParams, serving: Serving): Promise<unknown> {
    const check = Object.hasOwn(plugin.verify ?? {}, params.action) ? plugin.verify?.[params.action] : undefined
    if (check === undefined) throw unsupported(`verify "${params.action}"`)
    const context = createContext(connection, params, configs.get(params.registration) ?? {}, serving)
    return check({
      ...context,
      execution: params.execution,
      input: params.input,
      log: createLog(connection, params.execution),
    })
  }

  async function migrate({config, fromVersion}: MigrateParams): Promise<unknown> {
    if (plugin.migrate === undefined) throw unsupported('migrate')
    return {config: await plugin.migrate(config, fromVersion)}
  }

  const handlers = {configure, execute, test, options, verify, migrate}
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handler]) => [METHODS[name as keyof typeof handlers], handler]),
  )
}

function unsupported(what: string): object {
  return {code: RPC_CODES.methodNotFound, message: `Cannot serve ${what}: this plugin does not offer it`}
}

function complete(answer: Answer<unknown>): ExecuteResult {
  return {
    output: (answer?.output ?? null) as ExecuteResult['output'],
    effects: answer?.effects ?? [],
    message: answer?.message ?? '',
  }
}

async function runStage<T>(stages: TestStage[], name: string, run: () => Promise<T> | T): Promise<T> {
  const started = performance.now()
  const end = (ok: boolean, message?: string): void =>
    void stages.push({name, ok, durationMs: Math.round(performance.now() - started), ...(message && {message})})
  try {
    const value = await run()
    end(true)
    return value
  } catch (error) {
    end(false, (error as Error).message)
    throw error
  }
}
