/**
 * Every operation of the HTTP API: what it takes and what it answers. Generated from the OpenAPI document by
 * "node test/write-client.ts"; a test holds it to that document.
 */
import type {Json, JsonObject} from '../runtime/protocol.ts'
import type {Attachment, AuditEntry, AuditReport, BackupFile, BackupReport, Condition, EventResult, Execution, ExplainedInput, FieldInfo, Health, InstallResult, LogLine, MainRecord, MainServerStatus, Mapping, MappingPreview, MappingRow, NewToken, Note, Outcome, PluginDetail, PluginSummary, Readiness, Registration, RegistrationSettings, Rule, RuleRun, RuleTest, RuleTrigger, Schedule, StoredEvent, SwapReport, TestReport, TokenInfo, UpgradeReport} from '../host/index.ts'
import type {Bytes, Upload} from './api-request.ts'

export interface Operations {
  activatePlugin: {params: {id: string}; query: {}; body: {version: string; consent?: boolean | undefined; force?: boolean | undefined; rehearse?: number | undefined}; answer: SwapReport}
  addNote: {params: {id: string}; query: {}; body: {text: string; public?: boolean | undefined}; answer: Note}
  cancelExecution: {params: {eid: string}; query: {}; body: undefined; answer: Execution}
  createAsset: {params: {}; query: {}; body: JsonObject; answer: MainRecord}
  createBackup: {params: {}; query: {}; body: undefined; answer: BackupReport}
  createField: {params: {module: 'request' | 'asset' | 'user'}; query: {}; body: {label: string; type: 'text' | 'number' | 'boolean' | 'date' | 'choice' | 'tags' | 'user'; choices?: (string)[] | undefined; required?: boolean | undefined; systemManaged?: boolean | undefined}; answer: FieldInfo}
  createRegistration: {params: {}; query: {}; body: {plugin: string; name: string; id?: string | undefined; config?: JsonObject | undefined; enabled?: boolean | undefined; draft?: boolean | undefined; notes?: string | undefined; settings?: RegistrationSettings | undefined}; answer: Registration}
  createRequest: {params: {}; query: {}; body: JsonObject; answer: MainRecord}
  createRule: {params: {}; query: {}; body: {id?: string | undefined; name: string; enabled?: boolean | undefined; trigger: RuleTrigger; when?: Condition | null | undefined; actions: ({key: string; registration: string; action: string; mapping?: string | undefined; rows?: (MappingRow)[] | undefined; when?: Condition | undefined; onFailure?: 'stop' | 'continue' | undefined; mode?: 'live' | 'dryRun' | 'test' | undefined})[]}; answer: Rule}
  createSchedule: {params: {}; query: {}; body: {id?: string | undefined; name: string; registration: string; action: string; input?: Json | undefined; cron: string; timeZone: string; enabled?: boolean | undefined; catchUp?: 'one' | 'none' | undefined; overlap?: 'skip' | 'queue' | undefined; jitterMs?: number | undefined}; answer: Schedule}
  createToken: {params: {}; query: {}; body: {name: string; scopes: (string)[]; expiresAt?: number | undefined}; answer: NewToken}
  createUser: {params: {}; query: {}; body: JsonObject; answer: MainRecord}
  disablePlugin: {params: {id: string}; query: {}; body: undefined; answer: PluginSummary}
  duplicateRule: {params: {id: string}; query: {}; body: undefined; answer: Rule}
  enablePlugin: {params: {id: string}; query: {}; body: undefined; answer: PluginSummary}
  executeAction: {params: {rid: string; action: string}; query: {}; body: {input?: Json | undefined; mapping?: string | undefined; record?: string | JsonObject | undefined; old?: JsonObject | undefined; mode?: 'live' | 'dryRun' | 'test' | undefined; deadlineMs?: number | undefined}; headers: {'idempotency-key'?: string | undefined; prefer?: string | undefined; traceparent?: string | undefined}; answer: Outcome | Execution}
  explainInput: {params: {eid: string}; query: {}; body: undefined; answer: ExplainedInput}
  getArtifact: {params: {eid: string; name: string}; query: {}; body: undefined; answer: Bytes}
  getAsset: {params: {id: string}; query: {}; body: undefined; answer: MainRecord}
  getBackup: {params: {bid: string}; query: {}; body: undefined; answer: Bytes}
  getEvent: {params: {id: string}; query: {}; body: undefined; answer: StoredEvent}
  getExecution: {params: {eid: string}; query: {}; body: undefined; answer: Execution}
  getHealth: {params: {}; query: {}; body: undefined; answer: Health}
  getMainServer: {params: {}; query: {}; body: undefined; answer: MainServerStatus}
  getMapping: {params: {rid: string; name: string}; query: {}; body: undefined; answer: Mapping}
  getMetrics: {params: {}; query: {}; body: undefined; answer: Bytes}
  getPlugin: {params: {id: string}; query: {}; body: undefined; answer: PluginDetail}
  getReadiness: {params: {}; query: {}; body: undefined; answer: Readiness}
  getRegistration: {params: {rid: string}; query: {}; body: undefined; answer: Registration}
  getRequest: {params: {id: string}; query: {}; body: undefined; answer: MainRecord}
  getRule: {params: {id: string}; query: {}; body: undefined; answer: Rule}
  getRuleRun: {params: {id: string}; query: {}; body: undefined; answer: RuleRun}
  getSchedule: {params: {id: string}; query: {}; body: undefined; answer: Schedule}
  getUser: {params: {id: string}; query: {}; body: undefined; answer: MainRecord}
  installBundle: {params: {}; query: {activate?: boolean | undefined; consent?: boolean | undefined; force?: boolean | undefined}; body: Upload<'application/zip' | 'application/gzip' | 'application/octet-stream'>; answer: InstallResult}
  listArtifacts: {params: {eid: string}; query: {}; body: undefined; answer: {items: ({name: string; type: string; bytes: number})[]}}
  listAssets: {params: {}; query: {text?: string | undefined; where?: string | undefined; limit?: number | undefined; offset?: number | undefined}; body: undefined; answer: {items: (MainRecord)[]; total: number}}
  listAttachments: {params: {id: string}; query: {}; body: undefined; answer: {items: (Attachment)[]}}
  listAudit: {params: {}; query: {who?: string | undefined; action?: string | undefined; target?: string | undefined; before?: number | undefined; limit?: number | undefined}; body: undefined; answer: {items: (AuditEntry)[]}}
  listBackups: {params: {}; query: {}; body: undefined; answer: {items: (BackupFile)[]}}
  listEvents: {params: {}; query: {type?: string | undefined; limit?: number | undefined; before?: string | undefined}; body: undefined; answer: {items: (StoredEvent)[]}}
  listExecutions: {params: {}; query: {plugin?: string | undefined; registration?: string | undefined; action?: string | undefined; status?: 'queued' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'timedOut' | 'cancelled' | 'unknown' | undefined; mode?: 'live' | 'dryRun' | 'test' | undefined; by?: string | undefined; record?: string | undefined; since?: number | undefined; until?: number | undefined; limit?: number | undefined; before?: string | undefined}; body: undefined; answer: {items: (Execution)[]; next: string | null}}
  listFields: {params: {module: 'request' | 'asset' | 'user'}; query: {}; body: undefined; answer: {items: (FieldInfo)[]}}
  listMappings: {params: {rid: string}; query: {}; body: undefined; answer: {items: (Mapping)[]}}
  listNotes: {params: {id: string}; query: {}; body: undefined; answer: {items: (Note)[]}}
  listOptions: {params: {rid: string; field: string}; query: {}; body: {search?: string | undefined; values?: JsonObject | undefined}; answer: {options: ({value: Json; label: string})[]; more: boolean}}
  listPlugins: {params: {}; query: {}; body: undefined; answer: {items: (PluginSummary)[]}}
  listRegistrations: {params: {}; query: {plugin?: string | undefined}; body: undefined; answer: {items: (Registration)[]}}
  listRequests: {params: {}; query: {text?: string | undefined; where?: string | undefined; limit?: number | undefined; offset?: number | undefined}; body: undefined; answer: {items: (MainRecord)[]; total: number}}
  listRuleRuns: {params: {id: string}; query: {limit?: number | undefined}; body: undefined; answer: {items: (RuleRun)[]}}
  listRules: {params: {}; query: {}; body: undefined; answer: {items: (Rule)[]}}
  listSchedules: {params: {}; query: {}; body: undefined; answer: {items: (Schedule)[]}}
  listTokens: {params: {}; query: {}; body: undefined; answer: {items: (TokenInfo)[]}}
  listUsers: {params: {}; query: {text?: string | undefined; where?: string | undefined; limit?: number | undefined; offset?: number | undefined}; body: undefined; answer: {items: (MainRecord)[]; total: number}}
  previewMapping: {params: {}; query: {}; body: {registration: string; mapping: string | {action: string; rows: ({target: string; template: string; when?: Condition | undefined; missing?: 'error' | 'omit' | 'empty' | 'keep' | {default: string} | undefined; allowRaw?: boolean | undefined})[]; module?: 'request' | 'asset' | 'user' | undefined; output?: ({source: string; field: string; when?: 'succeeded' | 'failed' | 'always' | undefined})[] | undefined; tables?: {[name: string]: {rows: ({from: Json; to: Json})[]; unmatched?: 'error' | 'pass' | {default: Json} | undefined}} | undefined}; record: string | JsonObject; old?: JsonObject | undefined}; answer: MappingPreview}
  previewSchedule: {params: {}; query: {}; body: {cron: string; timeZone: string; from?: number | undefined; count?: number | undefined}; answer: {times: (number)[]}}
  previewUpgrade: {params: {id: string; version: string}; query: {rehearse?: number | undefined}; body: undefined; answer: UpgradeReport}
  putRegistrationFile: {params: {rid: string; field: string}; query: {}; body: Upload<'application/x-pem-file' | 'text/plain'>; answer: Registration}
  readExecutionLogs: {params: {eid: string}; query: {lines?: number | undefined}; body: undefined; answer: {items: (LogLine)[]}}
  readLogs: {params: {id: string}; query: {lines?: number | undefined; execution?: string | undefined; follow?: boolean | undefined}; body: undefined; headers: {'last-event-id'?: string | undefined}; answer: {items: (LogLine)[]}}
  removeBackup: {params: {bid: string}; query: {}; body: undefined; answer: undefined}
  removeField: {params: {module: 'request' | 'asset' | 'user'; fid: string}; query: {}; body: undefined; answer: undefined}
  removeMapping: {params: {rid: string; name: string}; query: {}; body: undefined; answer: undefined}
  removePlugin: {params: {id: string}; query: {}; body: undefined; answer: undefined}
  removeRegistration: {params: {rid: string}; query: {}; body: undefined; answer: undefined}
  removeRule: {params: {id: string}; query: {}; body: undefined; answer: undefined}
  removeSchedule: {params: {id: string}; query: {}; body: undefined; answer: undefined}
  removeToken: {params: {tid: string}; query: {}; body: undefined; answer: undefined}
  replayExecution: {params: {eid: string}; query: {}; body: {mode?: 'live' | 'dryRun' | 'test' | undefined}; answer: Execution}
  restartPlugin: {params: {id: string}; query: {}; body: undefined; answer: PluginSummary}
  retryExecutions: {params: {}; query: {}; body: {executions?: (string)[] | undefined; filter?: {plugin?: string | undefined; registration?: string | undefined; action?: string | undefined; status?: 'queued' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'timedOut' | 'cancelled' | 'unknown' | undefined; mode?: 'live' | 'dryRun' | 'test' | undefined; by?: string | undefined; record?: string | undefined; since?: number | undefined; until?: number | undefined; limit?: number | undefined; before?: string | undefined} | undefined}; answer: {retried: ({execution: string; as: string})[]; refused: ({execution: string; reason: string})[]}}
  rotateKey: {params: {}; query: {}; body: undefined; answer: {rewrapped: number}}
  rotateToken: {params: {tid: string}; query: {}; body: {graceMs?: number | undefined}; answer: NewToken}
  runScenario: {params: {id: string}; query: {}; body: {record: string}; answer: RuleRun}
  runSchedule: {params: {id: string}; query: {}; body: undefined; answer: Schedule}
  saveMapping: {params: {rid: string; name: string}; query: {}; body: {action: string; rows: ({target: string; template: string; when?: Condition | undefined; missing?: 'error' | 'omit' | 'empty' | 'keep' | {default: string} | undefined; allowRaw?: boolean | undefined})[]; module?: 'request' | 'asset' | 'user' | undefined; output?: ({source: string; field: string; when?: 'succeeded' | 'failed' | 'always' | undefined})[] | undefined; tables?: {[name: string]: {rows: ({from: Json; to: Json})[]; unmatched?: 'error' | 'pass' | {default: Json} | undefined}} | undefined}; answer: Mapping}
  sendEvent: {params: {}; query: {}; body: {id?: string | undefined; type: string; module?: 'request' | 'asset' | 'user' | undefined; record: JsonObject; old?: JsonObject | undefined}; answer: EventResult}
  testRegistration: {params: {rid: string}; query: {}; body: {config?: JsonObject | undefined}; answer: TestReport}
  testRule: {params: {id: string}; query: {}; body: {event: string | JsonObject}; answer: RuleTest}
  updateAsset: {params: {id: string}; query: {}; body: JsonObject; answer: MainRecord}
  updateRegistration: {params: {rid: string}; query: {}; body: {name?: string | undefined; config?: JsonObject | undefined; enabled?: boolean | undefined; draft?: boolean | undefined; notes?: string | undefined; settings?: RegistrationSettings | undefined}; answer: Registration}
  updateRequest: {params: {id: string}; query: {}; body: JsonObject; answer: MainRecord}
  updateRule: {params: {id: string}; query: {}; body: {name?: string | undefined; enabled?: boolean | undefined; trigger?: RuleTrigger | undefined; when?: Condition | null | undefined; actions?: ({key: string; registration: string; action: string; mapping?: string | undefined; rows?: (MappingRow)[] | undefined; when?: Condition | undefined; onFailure?: 'stop' | 'continue' | undefined; mode?: 'live' | 'dryRun' | 'test' | undefined})[] | undefined; position?: number | undefined}; answer: Rule}
  updateSchedule: {params: {id: string}; query: {}; body: {name?: string | undefined; registration?: string | undefined; action?: string | undefined; input?: Json | undefined; cron?: string | undefined; timeZone?: string | undefined; enabled?: boolean | undefined; catchUp?: 'one' | 'none' | undefined; overlap?: 'skip' | 'queue' | undefined; jitterMs?: number | undefined}; answer: Schedule}
  updateUser: {params: {id: string}; query: {}; body: JsonObject; answer: MainRecord}
  verifyAudit: {params: {}; query: {head?: string | undefined}; body: undefined; answer: AuditReport}
}

export const ROUTES = {
  activatePlugin: ['POST', '/v1/plugins/{id}/activate'],
  addNote: ['POST', '/v1/requests/{id}/notes'],
  cancelExecution: ['POST', '/v1/executions/{eid}/cancel'],
  createAsset: ['POST', '/v1/assets'],
  createBackup: ['POST', '/v1/backups'],
  createField: ['POST', '/v1/fields/{module}'],
  createRegistration: ['POST', '/v1/registrations'],
  createRequest: ['POST', '/v1/requests'],
  createRule: ['POST', '/v1/rules'],
  createSchedule: ['POST', '/v1/schedules'],
  createToken: ['POST', '/v1/tokens'],
  createUser: ['POST', '/v1/users'],
  disablePlugin: ['POST', '/v1/plugins/{id}/disable'],
  duplicateRule: ['POST', '/v1/rules/{id}/duplicate'],
  enablePlugin: ['POST', '/v1/plugins/{id}/enable'],
  executeAction: ['POST', '/v1/registrations/{rid}/actions/{action}/execute'],
  explainInput: ['GET', '/v1/executions/{eid}/input'],
  getArtifact: ['GET', '/v1/executions/{eid}/artifacts/{name}'],
  getAsset: ['GET', '/v1/assets/{id}'],
  getBackup: ['GET', '/v1/backups/{bid}'],
  getEvent: ['GET', '/v1/events/{id}'],
  getExecution: ['GET', '/v1/executions/{eid}'],
  getHealth: ['GET', '/healthz'],
  getMainServer: ['GET', '/v1/main-server'],
  getMapping: ['GET', '/v1/registrations/{rid}/mappings/{name}'],
  getMetrics: ['GET', '/metrics'],
  getPlugin: ['GET', '/v1/plugins/{id}'],
  getReadiness: ['GET', '/readyz'],
  getRegistration: ['GET', '/v1/registrations/{rid}'],
  getRequest: ['GET', '/v1/requests/{id}'],
  getRule: ['GET', '/v1/rules/{id}'],
  getRuleRun: ['GET', '/v1/rule-runs/{id}'],
  getSchedule: ['GET', '/v1/schedules/{id}'],
  getUser: ['GET', '/v1/users/{id}'],
  installBundle: ['POST', '/v1/bundles', 'upload'],
  listArtifacts: ['GET', '/v1/executions/{eid}/artifacts'],
  listAssets: ['GET', '/v1/assets'],
  listAttachments: ['GET', '/v1/requests/{id}/attachments'],
  listAudit: ['GET', '/v1/audit'],
  listBackups: ['GET', '/v1/backups'],
  listEvents: ['GET', '/v1/events'],
  listExecutions: ['GET', '/v1/executions'],
  listFields: ['GET', '/v1/fields/{module}'],
  listMappings: ['GET', '/v1/registrations/{rid}/mappings'],
  listNotes: ['GET', '/v1/requests/{id}/notes'],
  listOptions: ['POST', '/v1/registrations/{rid}/options/{field}'],
  listPlugins: ['GET', '/v1/plugins'],
  listRegistrations: ['GET', '/v1/registrations'],
  listRequests: ['GET', '/v1/requests'],
  listRuleRuns: ['GET', '/v1/rules/{id}/runs'],
  listRules: ['GET', '/v1/rules'],
  listSchedules: ['GET', '/v1/schedules'],
  listTokens: ['GET', '/v1/tokens'],
  listUsers: ['GET', '/v1/users'],
  previewMapping: ['POST', '/v1/mappings/preview'],
  previewSchedule: ['POST', '/v1/schedules/preview'],
  previewUpgrade: ['GET', '/v1/plugins/{id}/versions/{version}/preview'],
  putRegistrationFile: ['PUT', '/v1/registrations/{rid}/files/{field}', 'upload'],
  readExecutionLogs: ['GET', '/v1/executions/{eid}/logs'],
  readLogs: ['GET', '/v1/plugins/{id}/logs'],
  removeBackup: ['DELETE', '/v1/backups/{bid}'],
  removeField: ['DELETE', '/v1/fields/{module}/{fid}'],
  removeMapping: ['DELETE', '/v1/registrations/{rid}/mappings/{name}'],
  removePlugin: ['DELETE', '/v1/plugins/{id}'],
  removeRegistration: ['DELETE', '/v1/registrations/{rid}'],
  removeRule: ['DELETE', '/v1/rules/{id}'],
  removeSchedule: ['DELETE', '/v1/schedules/{id}'],
  removeToken: ['DELETE', '/v1/tokens/{tid}'],
  replayExecution: ['POST', '/v1/executions/{eid}/replay'],
  restartPlugin: ['POST', '/v1/plugins/{id}/restart'],
  retryExecutions: ['POST', '/v1/executions/retry'],
  rotateKey: ['POST', '/v1/keys/rotate'],
  rotateToken: ['POST', '/v1/tokens/{tid}/rotate'],
  runScenario: ['POST', '/v1/rules/{id}/run'],
  runSchedule: ['POST', '/v1/schedules/{id}/run'],
  saveMapping: ['PUT', '/v1/registrations/{rid}/mappings/{name}'],
  sendEvent: ['POST', '/v1/events'],
  testRegistration: ['POST', '/v1/registrations/{rid}/test'],
  testRule: ['POST', '/v1/rules/{id}/test'],
  updateAsset: ['PATCH', '/v1/assets/{id}'],
  updateRegistration: ['PATCH', '/v1/registrations/{rid}'],
  updateRequest: ['PATCH', '/v1/requests/{id}'],
  updateRule: ['PATCH', '/v1/rules/{id}'],
  updateSchedule: ['PATCH', '/v1/schedules/{id}'],
  updateUser: ['PATCH', '/v1/users/{id}'],
  verifyAudit: ['GET', '/v1/audit/verify'],
} as const satisfies {[name in keyof Operations]: readonly [method: string, path: string, body?: 'upload']}
