/**
 * Every operation of the HTTP API: what it takes and what it answers. Generated from the OpenAPI document by
 * "node test/write-client.ts"; a test holds it to that document.
 */
import type {Json, JsonObject} from '../runtime/protocol.ts'
import type {Execution, Health, InstallResult, LogLine, Outcome, PluginDetail, PluginSummary, Readiness, Registration, SwapReport, TestReport} from '../host/index.ts'

export interface Operations {
  activatePlugin: {params: {id: string}; query: {}; body: {version: string}; answer: SwapReport}
  cancelExecution: {params: {eid: string}; query: {}; body: undefined; answer: Execution}
  createRegistration: {params: {}; query: {}; body: {plugin: string; name: string; id?: string | undefined; config?: JsonObject | undefined; enabled?: boolean | undefined}; answer: Registration}
  disablePlugin: {params: {id: string}; query: {}; body: undefined; answer: PluginSummary}
  enablePlugin: {params: {id: string}; query: {}; body: undefined; answer: PluginSummary}
  executeAction: {params: {rid: string; action: string}; query: {}; body: {input?: Json | undefined; mode?: 'live' | 'dryRun' | 'test' | undefined; deadlineMs?: number | undefined}; headers: {'idempotency-key'?: string | undefined; traceparent?: string | undefined}; answer: Outcome}
  getArtifact: {params: {eid: string; name: string}; query: {}; body: undefined; answer: undefined}
  getExecution: {params: {eid: string}; query: {}; body: undefined; answer: Execution}
  getHealth: {params: {}; query: {}; body: undefined; answer: Health}
  getMetrics: {params: {}; query: {}; body: undefined; answer: undefined}
  getPlugin: {params: {id: string}; query: {}; body: undefined; answer: PluginDetail}
  getReadiness: {params: {}; query: {}; body: undefined; answer: Readiness}
  getRegistration: {params: {rid: string}; query: {}; body: undefined; answer: Registration}
  installBundle: {params: {}; query: {activate?: boolean | undefined}; body: undefined; answer: InstallResult}
  listExecutions: {params: {}; query: {plugin?: string | undefined; registration?: string | undefined; status?: 'queued' | 'running' | 'retrying' | 'succeeded' | 'failed' | 'timedOut' | 'cancelled' | 'unknown' | undefined; limit?: number | undefined; before?: string | undefined}; body: undefined; answer: {items: (Execution)[]; next: string | null}}
  listOptions: {params: {rid: string; field: string}; query: {}; body: {search?: string | undefined; values?: JsonObject | undefined}; answer: {options: ({value: Json; label: string})[]; more: boolean}}
  listPlugins: {params: {}; query: {}; body: undefined; answer: {items: (PluginSummary)[]}}
  listRegistrations: {params: {}; query: {plugin?: string | undefined}; body: undefined; answer: {items: (Registration)[]}}
  readLogs: {params: {id: string}; query: {lines?: number | undefined; execution?: string | undefined; follow?: boolean | undefined}; body: undefined; headers: {'last-event-id'?: string | undefined}; answer: {items: (LogLine)[]}}
  removePlugin: {params: {id: string}; query: {}; body: undefined; answer: undefined}
  removeRegistration: {params: {rid: string}; query: {}; body: undefined; answer: undefined}
  restartPlugin: {params: {id: string}; query: {}; body: undefined; answer: PluginSummary}
  testRegistration: {params: {rid: string}; query: {}; body: {config?: JsonObject | undefined}; answer: TestReport}
  updateRegistration: {params: {rid: string}; query: {}; body: {name?: string | undefined; config?: JsonObject | undefined; enabled?: boolean | undefined}; answer: Registration}
}

export const ROUTES = {
  activatePlugin: ['POST', '/v1/plugins/{id}/activate'],
  cancelExecution: ['POST', '/v1/executions/{eid}/cancel'],
  createRegistration: ['POST', '/v1/registrations'],
  disablePlugin: ['POST', '/v1/plugins/{id}/disable'],
  enablePlugin: ['POST', '/v1/plugins/{id}/enable'],
  executeAction: ['POST', '/v1/registrations/{rid}/actions/{action}/execute'],
  getArtifact: ['GET', '/v1/executions/{eid}/artifacts/{name}'],
  getExecution: ['GET', '/v1/executions/{eid}'],
  getHealth: ['GET', '/healthz'],
  getMetrics: ['GET', '/metrics'],
  getPlugin: ['GET', '/v1/plugins/{id}'],
  getReadiness: ['GET', '/readyz'],
  getRegistration: ['GET', '/v1/registrations/{rid}'],
  installBundle: ['POST', '/v1/bundles'],
  listExecutions: ['GET', '/v1/executions'],
  listOptions: ['POST', '/v1/registrations/{rid}/options/{field}'],
  listPlugins: ['GET', '/v1/plugins'],
  listRegistrations: ['GET', '/v1/registrations'],
  readLogs: ['GET', '/v1/plugins/{id}/logs'],
  removePlugin: ['DELETE', '/v1/plugins/{id}'],
  removeRegistration: ['DELETE', '/v1/registrations/{rid}'],
  restartPlugin: ['POST', '/v1/plugins/{id}/restart'],
  testRegistration: ['POST', '/v1/registrations/{rid}/test'],
  updateRegistration: ['PATCH', '/v1/registrations/{rid}'],
} as const satisfies {[name in keyof Operations]: readonly [method: string, path: string]}
