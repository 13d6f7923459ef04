import {HostError} from './errors.ts'
import type {MainServer} from './main-server/main-server.ts'
import type {Manifest} from './manifest.ts'
import {type CompiledMapping, compileMapping} from './mapping/render.ts'
import type {RegistrationHead, Registrations} from './registry/registrations.ts'
import type {FieldInfo, MappingDefinition, MappingProblem} from './types.ts'

export type WholeDefinition = Required<MappingDefinition>

/** A mapping against the manifest and the fields of now. */
export interface ReadyMapping {
  definition: WholeDefinition
  compiled: CompiledMapping
  problems: MappingProblem[]
}

export interface CompilerParts {
  registrations: Pick<Registrations, 'find'>
  /** Of the active version, else of the newest. The same object each time. */
  findManifest(plugin: string): Manifest | undefined
  mainServer: Pick<MainServer, 'listFields'>
}

/** `data` is the definition as it is kept: as long as it stays the same, so does what was made of it. */
export interface KeptDefinition {
  key: string
  data: string
}

interface Entry {
  data: string
  manifest: Manifest | undefined
  fields: FieldInfo[]
  ready: ReadyMapping
}

/** Mappings made ready that are kept at once. */
const MOST_KEPT = 500

export interface MappingCompiler {
  /** Throws REGISTRATION_NOT_FOUND. */
  findRegistration(id: string): RegistrationHead
  /** What the main server cannot tell is MAIN_SERVER_UNAVAILABLE. */
  compileKept(registration: string, kept: KeptDefinition): Promise<ReadyMapping>
  compile(definition: WholeDefinition, manifest: Manifest | undefined, fields: FieldInfo[]): ReadyMapping
}

/** Makes mappings ready, and again only when the definition, the plugin or the fields have changed. */
export function createMappingCompiler({registrations, findManifest, mainServer}: CompilerParts): MappingCompiler {
  const entries = new Map<string, Entry>()

  function findRegistration(id: string): RegistrationHead {
    const found = registrations.find(id)
    if (!found) throw new HostError('REGISTRATION_NOT_FOUND', {id})
    return found
  }

  async function compileKept(registration: string, {key, data}: KeptDefinition): Promise<ReadyMapping> {
    const manifest = findManifest(findRegistration(registration).plugin)
    const known = entries.get(key)
    const isSame = known?.data === data
    const definition = isSame ? known.ready.definition : (JSON.parse(data) as WholeDefinition)
    const fields = await mainServer.listFields(definition.module)
    if (isSame && known.manifest === manifest && isSameCatalogue(known, fields)) return known.ready
    const ready = compile(definition, manifest, fields)
    entries.delete(key)
    entries.set(key, {data, manifest, fields, ready})
    const [oldest] = entries.keys()
    if (entries.size > MOST_KEPT && oldest !== undefined) entries.delete(oldest)
    return ready
  }

  return {findRegistration, compileKept, compile}
}

/** The same list, or a new one that says the same. */
function isSameCatalogue(entry: Entry, fields: FieldInfo[]): boolean {
  if (entry.fields === fields) return true
  if (JSON.stringify(entry.fields) !== JSON.stringify(fields)) return false
  entry.fields = fields
  return true
}

function compile(definition: WholeDefinition, manifest: Manifest | undefined, fields: FieldInfo[]): ReadyMapping {
  const actions = manifest?.actions ?? {}
  const action = Object.hasOwn(actions, definition.action) ? actions[definition.action] : undefined
  const context = {
    inputSchema: action?.input ?? {},
    ...(action && {outputSchema: action.output}),
    configSchema: manifest?.config?.schema ?? {},
    fields,
  }
  const {compiled, problems} = compileMapping(definition, context)
  if (action) return {definition, compiled, problems}
  const message = manifest
    ? `The plugin has no action "${definition.action}"`
    : 'The plugin is not installed: nothing can be checked'
  const remedy = manifest ? `It has ${Object.keys(actions).join(', ')}` : 'Install it'
  const missing: MappingProblem = {
    pointer: '/action',
    at: null,
    code: 'ACTION_UNKNOWN',
    message,
    remedy,
    severity: 'error',
  }
  return {definition, compiled, problems: [missing, ...problems]}
}
