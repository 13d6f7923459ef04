import type {JsonObject} from '../runtime/protocol.ts'
import type {Clock} from './clock.ts'
import {HostError} from './errors.ts'
import {isError} from './mapping/problems.ts'
import {type RenderSource, renderMapping} from './mapping/render.ts'
import type {KeptDefinition, MappingCompiler, ReadyMapping, WholeDefinition} from './mapping-compiler.ts'
import type {RegistrationHead, Registrations} from './registry/registrations.ts'
import type {MappingProblem, MappingRow, MappingSource, Module, OutputRow} from './types.ts'

/** What a mapping made of a record: the input in the clear, and where to go with what comes out. */
export interface PreparedInput<Saved = {name: string; revision: number} | null> {
  action: string
  module: Module
  input: JsonObject
  /** null of rows that are no saved mapping. */
  mapping: Saved
  output: OutputRow[]
}

export interface PreparerParts {
  clock: Clock
  registrations: Pick<Registrations, 'openConfig'>
  compiler: MappingCompiler
  /** Throws MAPPING_NOT_FOUND. */
  findKept(registration: string, name: string): KeptDefinition & {revision: number}
}

export interface MappingPreparer {
  /** Throws MAPPING_NOT_FOUND, MAPPING_FAILED, REGISTRATION_NOT_FOUND, CONFIG_INVALID. */
  prepare(
    registration: string,
    name: string,
    source: MappingSource,
  ): Promise<PreparedInput<{name: string; revision: number}>>
  prepareRows(
    registration: string,
    action: string,
    module: Module,
    rows: MappingRow[],
    source: MappingSource,
  ): Promise<PreparedInput<null>>
  /** With the configuration only where the mapping reads it. Throws CONFIG_INVALID. */
  completeSource(ready: ReadyMapping, registration: RegistrationHead, source: MappingSource): RenderSource
}

/** Makes inputs for executions. */
export function createMappingPreparer({clock, registrations, compiler, findKept}: PreparerParts): MappingPreparer {
  // A change of the registration makes a new row of it.
  const configs = new WeakMap<RegistrationHead, JsonObject>()

  function completeSource(
    {compiled}: ReadyMapping,
    registration: RegistrationHead,
    source: MappingSource,
  ): RenderSource {
    if (!compiled.needsConfig) return {...source, config: {}, now: clock.now()}
    const config = configs.get(registration) ?? registrations.openConfig(registration.id)
    configs.set(registration, config)
    return {...source, config, now: clock.now()}
  }

  async function prepareKept(registration: string, name: string, kept: KeptDefinition, source: MappingSource) {
    const ready = await compiler.compileKept(registration, kept)
    refuse(name, ready.problems)
    const {input, problems} = renderMapping(
      ready.compiled,
      completeSource(ready, compiler.findRegistration(registration), source),
      {explain: false},
    )
    refuse(name, problems)
    const {action, module, output} = ready.definition
    return {action, module, input, output}
  }

  return {
    completeSource,
    async prepare(registration, name, source) {
      compiler.findRegistration(registration)
      const kept = findKept(registration, name)
      const prepared = await prepareKept(registration, name, kept, source)
      return {...prepared, mapping: {name, revision: kept.revision}}
    },
    async prepareRows(registration, action, module, rows, source) {
      const definition: WholeDefinition = {action, module, rows, output: [], tables: {}}
      const data = JSON.stringify(definition)
      const kept = {key: JSON.stringify([registration, data]), data}
      const prepared = await prepareKept(registration, `rows of ${action}`, kept, source)
      return {...prepared, mapping: null}
    },
  }
}

function refuse(name: string, problems: readonly MappingProblem[]): void {
  const errors = problems.filter(isError)
  if (errors.length > 0) throw new HostError('MAPPING_FAILED', {name, reason: summarize(errors), problems: errors})
}

/** The first of them in full. */
export function summarize([first, ...others]: readonly MappingProblem[]): string {
  if (!first) return 'nothing is known to be wrong'
  const place = first.at === null ? first.pointer : `${first.pointer}, character ${first.at + 1}`
  const more = others.length === 0 ? '' : `, and ${others.length} more`
  return `${first.message} (${place})${more}\n${first.remedy}`
}
