import type {Clock} from './clock.ts'
import {HostError, isHostError} from './errors.ts'
import type {MainServer} from './main-server/main-server.ts'
import type {Manifest} from './manifest.ts'
import {isError} from './mapping/problems.ts'
import {createMappingCompiler, type WholeDefinition} from './mapping-compiler.ts'
import {createMappingPreparer, type MappingPreparer, summarize} from './mapping-preparer.ts'
import {previewReady, readPreviewRecord} from './preview-mapping.ts'
import type {Registrations} from './registry/registrations.ts'
import type {MappingRecord} from './store/mappings.ts'
import type {Store} from './store/open-store.ts'
import type {
  BrokenMapping,
  FieldInfo,
  Mapping,
  MappingDefinition,
  MappingProblem,
  MappingVerbs,
  Module,
} from './types.ts'

export interface MappingParts {
  clock: Clock
  store: Pick<Store, 'mappings' | 'commitNow'>
  registrations: Pick<Registrations, 'find' | 'list' | 'openConfig'>
  /** Of the active version, else of the newest. The same object each time. */
  findManifest(plugin: string): Manifest | undefined
  mainServer: Pick<MainServer, 'listFields' | 'get'>
}

export interface Mappings extends MappingVerbs, Pick<MappingPreparer, 'prepare' | 'prepareRows'> {
  verbs: MappingVerbs
  /** Also one that was replaced or removed since; undefined when it is no longer kept. */
  findRevision(registration: string, name: string, revision: number): WholeDefinition | undefined
  /** What works with the plugin as it is and would not with another manifest. */
  checkAgainst(plugin: string, manifest: Manifest): Promise<BrokenMapping[]>
}

const NAME = /^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$/
const LONGEST_NAME = 100
const UNCHECKED: MappingProblem = {
  pointer: '',
  at: null,
  code: 'FIELDS_UNKNOWN',
  message: 'It is not checked now: the main server does not answer',
  remedy: 'Look again later',
  severity: 'warning',
}

/** Mappings of registrations: kept, checked, tried out, and made into inputs. */
export function createMappings({clock, store, registrations, findManifest, mainServer}: MappingParts): Mappings {
  const compiler = createMappingCompiler({registrations, findManifest, mainServer})
  const {findRegistration, compile, compileKept} = compiler

  function findRecord(registration: string, name: string): MappingRecord & {data: string} {
    const found = store.mappings.find(registration, name)
    if (!found || found.data === null) throw new HostError('MAPPING_NOT_FOUND', {id: registration, name})
    return {...found, data: found.data}
  }

  const findKept = (registration: string, name: string) => {
    const {data, revision} = findRecord(registration, name)
    return {key: JSON.stringify([registration, name]), data, revision}
  }
  const preparer = createMappingPreparer({clock, registrations, compiler, findKept})

  async function show({registration, name, revision, data, savedAt, savedBy}: MappingRecord): Promise<Mapping> {
    const kept = {key: JSON.stringify([registration, name]), data: data ?? '{}'}
    const {definition, problems} = await compileKept(registration, kept).catch(error => {
      if (!isHostError(error, 'MAIN_SERVER_UNAVAILABLE')) throw error
      return {definition: JSON.parse(kept.data) as WholeDefinition, problems: [UNCHECKED]}
    })
    return {...definition, registration, name, revision, savedAt, savedBy, problems}
  }

  function add(registration: string, name: string, data: string | null, by: string): MappingRecord {
    return store.commitNow(() => {
      const before = store.mappings.find(registration, name)
      if (before && before.data === data) return before
      const revision = (before?.revision ?? 0) + 1
      const record = {registration, name, revision, data, savedAt: clock.now(), savedBy: by}
      store.mappings.add(record)
      return record
    })
  }

  /** Without fields while the main server does not answer: then nothing is told twice, nor missed. */
  async function listKnownFields(module: Module): Promise<FieldInfo[]> {
    return mainServer.listFields(module).catch(error => {
      if (isHostError(error, 'MAIN_SERVER_UNAVAILABLE')) return []
      throw error
    })
  }

  async function findBroken(
    record: MappingRecord,
    now: Manifest | undefined,
    next: Manifest,
  ): Promise<BrokenMapping[]> {
    const definition = JSON.parse(record.data ?? '{}') as WholeDefinition
    const fields = await listKnownFields(definition.module)
    const errorsWith = (manifest: Manifest | undefined) =>
      compile(definition, manifest, fields).problems.filter(isError)
    const known = new Set(errorsWith(now).map(({pointer, code}) => `${pointer} ${code}`))
    return errorsWith(next)
      .filter(({pointer, code}) => !known.has(`${pointer} ${code}`))
      .map(({pointer, message}) => ({registration: record.registration, mapping: record.name, pointer, message}))
  }

  const verbs: MappingVerbs = {
    async listMappings(registration) {
      findRegistration(registration)
      return Promise.all(store.mappings.list(registration).map(show))
    },
    async getMapping(registration, name) {
      findRegistration(registration)
      return show(findRecord(registration, name))
    },
    async saveMapping(registration, name, definition, by) {
      const {plugin} = findRegistration(registration)
      checkName(name)
      const whole = complete(definition)
      const fields = await mainServer.listFields(whole.module)
      const {problems} = compile(whole, findManifest(plugin), fields)
      const errors = problems.filter(isError)
      if (errors.length > 0) throw new HostError('MAPPING_INVALID', {reason: summarize(errors), problems})
      // It may have been removed while the fields were asked for.
      findRegistration(registration)
      return show(add(registration, name, JSON.stringify(whole), by))
    },
    async removeMapping(registration, name, by) {
      findRegistration(registration)
      findRecord(registration, name)
      add(registration, name, null, by)
    },
    async previewMapping({registration: id, mapping, record, old}) {
      const registration = findRegistration(id)
      const ready =
        typeof mapping === 'string'
          ? await compileKept(id, findKept(id, mapping))
          : await compileGiven(registration.plugin, mapping)
      const found = await readPreviewRecord(mainServer, record, ready.definition.module)
      return previewReady(ready, () => preparer.completeSource(ready, registration, {record: found, ...(old && {old})}))
    },
  }
  return {
    ...verbs,
    verbs,
    prepare: preparer.prepare,
    prepareRows: preparer.prepareRows,
    findRevision(registration, name, revision) {
      const data = store.mappings.findRevision(registration, name, revision)?.data
      return data === null || data === undefined ? undefined : (JSON.parse(data) as WholeDefinition)
    },
    async checkAgainst(plugin, manifest) {
      const records = registrations.list({plugin}).flatMap(({id}) => store.mappings.list(id))
      const broken = await Promise.all(records.map(record => findBroken(record, findManifest(plugin), manifest)))
      return broken.flat()
    },
  }

  async function compileGiven(plugin: string, definition: MappingDefinition) {
    const whole = complete(definition)
    return compile(whole, findManifest(plugin), await mainServer.listFields(whole.module))
  }
}

function complete({action, module = 'request', rows, output = [], tables = {}}: MappingDefinition): WholeDefinition {
  return {action, module, rows, output, tables}
}

function checkName(name: string): void {
  if (name.length <= LONGEST_NAME && NAME.test(name)) return
  const shown = name.slice(0, LONGEST_NAME)
  const reason = `the name "${shown}" must be letters and digits, parted by single dots, hyphens or underscores`
  throw new HostError('REQUEST_INVALID', {reason})
}
