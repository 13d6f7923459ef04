/** Public shapes of what a new version of a plugin would change. */
import type {Json, Permissions} from '../runtime/protocol.ts'

export interface SchemaChange {
  /** `config`, or `actions/<name>/input` and `/output`. */
  place: string
  /** JSON pointer to the field, within the schema's value. */
  field: string
  change: 'added' | 'removed' | 'required' | 'optional' | 'typeChanged' | 'narrowed'
  detail: string
  /** What worked before may fail. */
  breaking: boolean
}

export interface BrokenMapping {
  registration: string
  mapping: string
  pointer: string
  message: string
}

/** What activating this version comes to, told before any traffic moves. */
export interface UpgradeReport {
  plugin: string
  from: string | null
  to: string
  permissions: {added: Partial<Permissions>; removed: Partial<Permissions>; grows: boolean}
  actions: {added: string[]; removed: string[]}
  schemas: SchemaChange[]
  /** Each registration: whether its configuration fits, once migrated. `breaks`: it does not, and did before. */
  registrations: {registration: string; migrated: boolean; ok: boolean; breaks: boolean; problems: string[]}[]
  brokenMappings: BrokenMapping[]
  /** Rules and schedules whose action is gone or takes another input. */
  brokenRules: {rule: string; message: string}[]
  /** True when nothing speaks against it but a consent. */
  ok: boolean
  needsConsent: boolean
  rehearsal: Rehearsal | null
}

export interface RehearsedExecution {
  execution: string
  registration: string
  action: string
  /** skipped: it cannot be run dry, or its input was not kept. */
  result: 'same' | 'differs' | 'failed' | 'skipped'
  /** JSON pointers into the answer (`/output/...`, `/effects/...`, `/message`) whose values differ; null where there is none. */
  differences: {pointer: string; before: Json; after: Json}[]
  message: string
}

export interface Rehearsal {
  asked: number
  same: number
  differs: number
  failed: number
  skipped: number
  executions: RehearsedExecution[]
}

export interface ActivateOptions {
  /** Agrees to permissions that grow. Otherwise refused with CONSENT_NEEDED. */
  consent?: boolean
  /** Goes on although it breaks mappings, rules or registrations; recorded. Otherwise refused with UPGRADE_BREAKS. */
  force?: boolean
  /** Rehearses this many executions of each action first; differing or failing ones refuse it with REHEARSAL_DIFFERS unless forced. */
  rehearse?: number
  by?: string
}

export interface UpgradeVerbs {
  /** Also runs the migrations, in a process of the new version, and keeps nothing of it. With `rehearse`, the last N live executions too. */
  previewUpgrade(plugin: string, version: string, options?: {rehearse?: number}): Promise<UpgradeReport>
}
