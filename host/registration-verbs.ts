import {METHODS, type OptionsResult, type TestResult} from '../runtime/protocol.ts'
import type {CallSignal} from './call-signal.ts'
import type {Clock} from './clock.ts'
import {HostError, PluginFailure} from './errors.ts'
import {toWireError} from './execution/wire-error.ts'
import type {Catalog} from './registry/catalog.ts'
import type {Registrations} from './registry/registrations.ts'
import type {Fleet} from './supervision/fleet.ts'
import type {Host, Registration, TestReport} from './types.ts'

type RegistrationVerbs = Pick<
  Host,
  | 'listRegistrations'
  | 'getRegistration'
  | 'createRegistration'
  | 'updateRegistration'
  | 'removeRegistration'
  | 'testRegistration'
  | 'listOptions'
>

/** Time for a connection test and for the choices of a field, milliseconds. */
const TEST_MS = 30_000
const OPTIONS_MS = 10_000

interface RegistrationVerbParts {
  clock: Clock
  registrations: Registrations
  catalog: Catalog
  fleet: Fleet
}

/** The verbs on registrations. A change reaches the running plugin at once, without a restart. */
export function createRegistrationVerbs({
  clock,
  registrations,
  catalog,
  fleet,
}: RegistrationVerbParts): RegistrationVerbs {
  async function tell({id, plugin, name, enabled}: Registration): Promise<void> {
    await fleet.find(plugin)?.configure({registration: id, name, config: enabled ? registrations.openConfig(id) : null})
  }

  async function call(
    registration: Registration,
    method: string,
    params: object,
    ms: number,
    signal?: CallSignal,
  ): Promise<unknown> {
    const {id, plugin} = registration
    const supervisor = fleet.find(plugin)
    if (!supervisor) throw new HostError('PLUGIN_NOT_RUNNING', {id: plugin, state: 'not started'})
    const deadline = clock.now() + ms
    const {result} = await supervisor.call(method, {registration: id, deadline, ...params}, {deadline, signal})
    return result
  }

  return {
    listRegistrations: filter => registrations.list(filter),
    getRegistration: id => registrations.get(id),
    async createRegistration(entry) {
      const made = registrations.create(entry)
      await tell(made)
      return made
    },
    async updateRegistration(id, change) {
      const changed = registrations.update(id, change)
      await tell(changed)
      return changed
    },
    async removeRegistration(id) {
      const {plugin, name} = registrations.get(id)
      registrations.remove(id)
      await fleet.find(plugin)?.configure({registration: id, name, config: null})
    },
    async testRegistration(id, {config, signal} = {}) {
      const registration = registrations.get(id)
      const complete = config ? registrations.completeConfig(id, config) : registrations.openConfig(id)
      const started = clock.elapsed()
      const report = (ok: boolean, result: Partial<TestResult>): TestReport => ({
        ok,
        stages: result.stages ?? [],
        error: result.error ?? null,
        durationMs: Math.round(clock.elapsed() - started),
      })
      try {
        const result = (await call(registration, METHODS.test, {config: complete}, TEST_MS, signal)) as TestResult
        return registrations.redactorFor(id).json(report(result.ok, result))
      } catch (error) {
        if (!(error instanceof PluginFailure) && !isTimeout(error)) throw error
        return report(false, {error: toWireError(error)})
      }
    },
    async listOptions(id, field, {search = '', values = {}} = {}) {
      const registration = registrations.get(id)
      catalog.get(registration.plugin)
      const {options, more} = (await call(
        registration,
        METHODS.options,
        {field, search, values},
        OPTIONS_MS,
      )) as OptionsResult
      return {options, more}
    },
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof HostError && error.code === 'EXECUTION_TIMED_OUT'
}
