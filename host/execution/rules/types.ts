import type {Json} from '../../../runtime/protocol.ts'
import type {Clock} from '../../clock.ts'
import type {MappingRow, MappingSource, MappingVerbs, OutputRow} from '../../mapping-types.ts'
import type {Module} from '../../record-types.ts'
import type {RegistrationHead} from '../../registry/registrations.ts'
import type {Store} from '../../store/open-store.ts'
import type {ExecuteRequest, Execution, FieldInfo} from '../../types.ts'
import type {ActiveVersion} from '../types.ts'

/** What the workflow needs of the queue of executions. */
export interface WorkflowQueue {
  /** All are accepted together with the writes of `alongside`, or none. Resolves when on the disk. */
  submit(
    requests: ExecuteRequest[],
    options?: {alongside?: (executions: Execution[]) => void},
  ): Promise<readonly Execution[]>
  /** Asked for each execution that has ended; the writes it gives back join the transaction of its end. */
  onEnded(listener: (execution: Execution) => (() => void) | undefined): void
}

/** What a mapping made of a record. */
export interface PreparedInput {
  action: string
  module: Module
  input: Json
  /** null of rows that are no saved mapping. */
  mapping: {name: string; revision: number} | null
  output: OutputRow[]
}

/** What the workflow needs of the mappings. Both throw MAPPING_NOT_FOUND, MAPPING_FAILED, REGISTRATION_NOT_FOUND and the like. */
export interface WorkflowMappings extends Pick<MappingVerbs, 'previewMapping' | 'getMapping'> {
  prepare(registration: string, name: string, source: MappingSource): Promise<PreparedInput>
  prepareRows(
    registration: string,
    action: string,
    module: Module,
    rows: MappingRow[],
    source: MappingSource,
  ): Promise<PreparedInput>
}

export interface WorkflowParts {
  clock: Clock
  store: Pick<Store, 'events' | 'rules' | 'ruleRuns' | 'schedules' | 'commitNow' | 'writer'>
  queue: WorkflowQueue
  findExecution(id: string): Execution | undefined
  mappings: WorkflowMappings
  listFields(module: Module): Promise<FieldInfo[]>
  findRegistration(id: string): RegistrationHead | undefined
  /** Of the active version. */
  findManifest(plugin: string): ActiveVersion | undefined
  /** What went wrong without a caller to tell it to. Must not throw. */
  onError(error: unknown): void
}
