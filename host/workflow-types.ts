/** Public shapes of what starts executions by itself: events and rules, and schedules. */
import type {Json, JsonObject, Mode} from '../runtime/protocol.ts'
import type {ExecutionStatus} from './execution-types.ts'
import type {Condition, MappingRow} from './mapping-types.ts'
import type {Module} from './record-types.ts'

export interface MainEvent {
  /** The sender's own id: the same one is processed once, however often it comes. Made up when left out. */
  id?: string
  /** `request.created`, `request.updated`, `asset.created`, or any name. */
  type: string
  module?: Module
  record: JsonObject
  /** The record as it was. */
  old?: JsonObject
}

export interface StoredEvent extends Required<Omit<MainEvent, 'old'>> {
  old: JsonObject | null
  at: number
  by: string
  runs: string[]
}

export interface EventResult {
  event: string
  /** It had come before: nothing was started, and `runs` are those of the first time. */
  duplicate: boolean
  runs: RuleRun[]
}

export type RuleTrigger =
  | {kind: 'event'; events: string[]}
  /** Every record of the module that fits `where` and the rule's condition, each time. */
  | {kind: 'period'; cron: string; timeZone: string; module: Module; where?: JsonObject; limit?: number}
  /** By a technician, for one record. */
  | {kind: 'scenario'; module: Module}

export interface RuleAction {
  /** Name of the step within the rule: later steps read `steps.<key>.output`. */
  key: string
  registration: string
  action: string
  /** Name of a saved mapping of that registration, or rows of its own. One of the two. */
  mapping?: string
  rows?: MappingRow[]
  when?: Condition
  /** `stop` ends the rule's run when this step fails. The default. */
  onFailure?: 'stop' | 'continue'
  mode?: Mode
}

export interface RuleDefinition {
  name: string
  enabled?: boolean
  trigger: RuleTrigger
  when?: Condition | null
  actions: RuleAction[]
}

export interface Rule extends Required<RuleDefinition> {
  id: string
  /** Rules of one event start in this order, from 1. */
  position: number
  createdAt: number
  updatedAt: number
  /** Of periodic rules, milliseconds since 1970. */
  nextAt: number | null
  lastAt: number | null
  problems: {pointer: string; message: string}[]
}

export interface RuleStep {
  key: string
  status: 'waiting' | 'skipped' | 'refused' | ExecutionStatus
  execution: string | null
  message: string
}

export interface RuleRun {
  id: string
  rule: string
  ruleName: string
  event: string | null
  /** `request:12`. */
  record: string | null
  status: 'running' | 'succeeded' | 'failed'
  steps: RuleStep[]
  by: string
  startedAt: number
  endedAt: number | null
}

/** What a rule would do with an event; nothing is executed. */
export interface RuleTest {
  fits: boolean
  /** Why: each comparison with what it found. */
  explained: {text: string; fits: boolean}[]
  steps: {key: string; fits: boolean; input: Json; problems: {pointer: string; message: string}[]}[]
}

export interface RuleVerbs {
  /** Throws EVENT_INVALID. */
  handleEvent(event: MainEvent, by: string): Promise<EventResult>
  /** The newest first; `before` is the id of one. */
  listEvents(filter?: {type?: string; limit?: number; before?: string}): StoredEvent[]
  getEvent(id: string): StoredEvent
  listRules(): Promise<Rule[]>
  getRule(id: string): Promise<Rule>
  /** Last in the order. Throws RULE_INVALID; a rule with problems can be kept while it is disabled. */
  createRule(rule: RuleDefinition & {id?: string}): Promise<Rule>
  updateRule(id: string, change: Partial<RuleDefinition> & {position?: number}): Promise<Rule>
  /** Disabled, and right behind the one it was made of. */
  duplicateRule(id: string): Promise<Rule>
  removeRule(id: string): Promise<void>
  /** Against a past event by its id, or one given by hand. */
  testRule(id: string, event: string | MainEvent): Promise<RuleTest>
  /**
   * A scenario, for one record by its id. Resolves with the run when it has ended, or as it is after `workflow.scenarioWaitMs`;
   * while it runs for this record, a second call joins it. Throws RULE_REFUSED.
   */
  runScenario(id: string, record: string, by: string): Promise<RuleRun>
  /** The newest first. */
  listRuleRuns(filter?: {rule?: string; event?: string; limit?: number}): RuleRun[]
  getRuleRun(id: string): RuleRun
}

export interface ScheduleDefinition {
  name: string
  registration: string
  action: string
  input?: Json
  /** Cron with five fields, or six with seconds first. */
  cron: string
  /** IANA name. */
  timeZone: string
  enabled?: boolean
  /** After a time of not running: once, or not at all. */
  catchUp?: 'one' | 'none'
  /** While the run before has not ended: no run, or one that waits for that. */
  overlap?: 'skip' | 'queue'
  /** A random wait before each run, at most this; milliseconds, up to an hour. */
  jitterMs?: number
}

export interface Schedule extends Required<ScheduleDefinition> {
  id: string
  /** Milliseconds since 1970; null while it is disabled or will never run again. */
  nextAt: number | null
  lastAt: number | null
  lastExecution: string | null
  lastStatus: ExecutionStatus | 'skipped' | 'refused' | null
  lastMessage: string
  createdAt: number
  updatedAt: number
}

export interface ScheduleVerbs {
  listSchedules(): Schedule[]
  getSchedule(id: string): Schedule
  /** Throws SCHEDULE_INVALID. */
  createSchedule(schedule: ScheduleDefinition & {id?: string}): Promise<Schedule>
  updateSchedule(id: string, change: Partial<ScheduleDefinition>): Promise<Schedule>
  removeSchedule(id: string): Promise<void>
  /**
   * Now, besides its times, also of one that is disabled. Resolves when accepted. Throws SCHEDULE_REFUSED while the run before
   * has not ended, unless `overlap` is `queue`: then it waits for that.
   */
  runSchedule(id: string, by: string): Promise<Schedule>
  /** The next times, milliseconds since 1970. */
  previewSchedule(timing: {cron: string; timeZone: string; from?: number; count?: number}): {times: number[]}
}
