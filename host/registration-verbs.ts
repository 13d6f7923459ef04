import {type ConfigureParams, METHODS, type TestResult} from '../runtime/protocol.ts'
import type {CallSignal} from './call-signal.ts'
import type {Clock} from './clock.ts'
import {HostError, isHostError, PluginFailure} from './errors.ts'
import {toWireError} from './execution/wire-error.ts'
import {parseOptions, parseTestResult} from './parse-answers.ts'
import type {Catalog} from './registry/catalog.ts'
import {findMissing, listDependencies} from './registry/option-fields.ts'
import {refuseProblems} from './registry/parse-config.ts'
import type {Registrations} from './registry/registrations.ts'
import type {Fleet} from './supervision/fleet.ts'
import type {Host, Registration, TestReport} from './types.ts'

type RegistrationVerbs = Pick<
  Host,
  | 'listRegistrations'
  | 'getRegistration'
  | 'createRegistration'
  | 'updateRegistration'
  | 'putRegistrationFile'
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
  /** After an activation of the plugin that is under way, which may migrate configurations. */
  inTurn<T>(plugin: string, run: () => Promise<T>): Promise<T>
}

/** The verbs on registrations. A change reaches the running plugin at once, without a restart. */
export function createRegistrationVerbs(parts: RegistrationVerbParts): RegistrationVerbs {
  const {registrations, inTurn} = parts
  const change = async (id: string, make: () => Registration): Promise<Registration> =>
    tell(await inTurn(registrations.get(id).plugin, async () => make()))
  async function tell(changed: Registration): Promise<Registration> {
    await parts.fleet.find(changed.plugin)?.configure(describeConfiguration(changed, registrations))
    return changed
  }
  return {
    listRegistrations: filter => registrations.list(filter),
    getRegistration: id => registrations.get(id),
    createRegistration: async entry => tell(await inTurn(entry.plugin, async () => registrations.create(entry))),
    updateRegistration: (id, to) => change(id, () => registrations.update(id, to)),
    putRegistrationFile: (id, field, text) => change(id, () => registrations.putFile(id, field, text)),
    async removeRegistration(id) {
      const {plugin, name} = registrations.get(id)
      registrations.remove(id)
      await parts.fleet.find(plugin)?.configure({registration: id, name, config: null})
    },
    ...createQuestions(parts),
  }
}

/** What the plugin is told. A configuration that was made for another version may not fit: then it has none. */
function describeConfiguration({id, name, enabled}: Registration, registrations: Registrations): ConfigureParams {
  try {
    return {registration: id, name, config: enabled ? registrations.openConfig(id) : null}
  } catch (error) {
    if (isHostError(error, 'CONFIG_INVALID')) return {registration: id, name, config: null}
    throw error
  }
}

/** What a plugin is asked while somebody fills in its form; also about a registration that is off. */
function createQuestions(parts: RegistrationVerbParts): Pick<RegistrationVerbs, 'testRegistration' | 'listOptions'> {
  const {clock, registrations, catalog, fleet} = parts
  async function ask(
    {id, plugin}: Registration,
    method: string,
    params: object,
    {ms, signal}: {ms: number; signal?: CallSignal | undefined},
  ): Promise<unknown> {
    const supervisor = fleet.find(plugin)
    if (!supervisor) throw new HostError('PLUGIN_NOT_RUNNING', {id: plugin, state: 'not started'})
    const deadline = clock.now() + ms
    const {result} = await supervisor.call(method, {registration: id, deadline, ...params}, {deadline, signal})
    return registrations.redactorFor(id).json(result)
  }

  return {
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
        const answer = await ask(registration, METHODS.test, {config: complete}, {ms: TEST_MS, signal})
        const result = parseTestResult(registration.plugin, answer)
        return report(result.ok, result)
      } catch (error) {
        if (!(error instanceof PluginFailure) && !isHostError(error, 'EXECUTION_TIMED_OUT')) throw error
        return report(false, {error: toWireError(error)})
      }
    },
    async listOptions(id, field, {search = '', values = {}} = {}) {
      const registration = registrations.get(id)
      const filled = registrations.fillIn(id, values)
      const manifest = catalog.findManifest(catalog.get(registration.plugin).id)
      if (manifest) refuseProblems(findMissing(field, listDependencies(manifest, field), filled))
      const params = {field, search, values: filled}
      const answer = await ask(registration, METHODS.options, params, {ms: OPTIONS_MS}).catch(error => {
        if (!(error instanceof PluginFailure)) throw error
        throw new HostError('OPTIONS_FAILED', {field, reason: error.message, category: error.data.category}, error)
      })
      return parseOptions(registration.plugin, answer)
    },
  }
}
