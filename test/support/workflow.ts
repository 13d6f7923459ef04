import {HostError} from '../../host/errors.ts'
import {createEvents, type Events} from '../../host/execution/rules/events.ts'
import {createRuleRuns, type RuleRuns} from '../../host/execution/rules/rule-runs.ts'
import {createRuleStarter} from '../../host/execution/rules/start-rules.ts'
import type {WorkflowMappings, WorkflowParts} from '../../host/execution/rules/types.ts'
import type {RuleRow} from '../../host/store/rules.ts'
import type {FieldInfo, RuleAction} from '../../host/types.ts'
import type {JsonObject} from '../../runtime/protocol.ts'
import type {FakeClock} from './fake-clock.ts'
import {type StoreTest, withStore} from './store.ts'
import {createTestQueue, type TestQueue} from './workflow-queue.ts'

export interface WorkflowTest extends StoreTest {
  clock: FakeClock
  queue: TestQueue
  parts: WorkflowParts
  events: Events
  runs: RuleRuns
  /** What went wrong without a caller. */
  faults: unknown[]
  /** Forgets all that is in memory, as a crash does, and begins anew on what is on the disk. */
  crash(): void
}

const FIELDS = ['id', 'subject', 'status', 'priority'].map(
  (id): FieldInfo => ({
    id,
    label: id,
    type: 'text',
    path: [id],
    required: false,
    systemManaged: false,
    readOnly: false,
  }),
)

/** Events and rules over a real store, a queue that ends executions when told, and mappings that copy the record. */
export function withWorkflow(run: (test: WorkflowTest) => Promise<void>): Promise<void> {
  return withStore(async tested => {
    const {store, clock} = tested
    const queue = createTestQueue(store)
    const faults: unknown[] = []
    const parts: WorkflowParts = {
      clock,
      store,
      queue,
      findExecution: queue.find,
      mappings: copyRecord,
      listFields: async () => FIELDS,
      findRegistration: () => undefined,
      findManifest: () => undefined,
      onError: error => void faults.push(error),
    }
    const test: WorkflowTest = {...tested, queue, parts, faults, ...createParts(parts), crash}
    function crash(): void {
      queue.forget()
      Object.assign(test, createParts(parts))
    }
    await run(test)
  })
}

function createParts(parts: WorkflowParts): {events: Events; runs: RuleRuns} {
  const runs = createRuleRuns(parts)
  return {runs, events: createEvents({...parts, startRules: createRuleStarter(parts, runs), showRun: runs.show})}
}

/** The mapping `broken` fails; any other copies the record's subject and what the steps before came to. */
const copyRecord: WorkflowMappings = {
  async prepare(_registration, name, {record, steps = {}}) {
    if (name === 'broken') throw new HostError('MAPPING_FAILED', {name, reason: 'cn has no value'})
    const input = {subject: record.subject ?? null, steps}
    return {action: 'say', module: 'request', input, mapping: {name, revision: 1}, output: []}
  },
  async prepareRows(_registration, action, module, rows, {record}) {
    const input: JsonObject = Object.fromEntries(rows.map(({target, template}) => [target, record[template] ?? null]))
    return {action, module, input, mapping: null, output: []}
  },
  async previewMapping() {
    return {ok: true, rows: [], input: {}, problems: [], missing: []}
  },
  getMapping: async (id, name) => {
    throw new HostError('MAPPING_NOT_FOUND', {id, name})
  },
}

export function describeAction(key: string, change: Partial<RuleAction> = {}): RuleAction {
  return {key, registration: 'echo', action: 'say', mapping: 'copy', ...change}
}

export function describeRule(change: Partial<RuleRow> & {id: string}): RuleRow {
  return {
    name: change.id,
    enabled: true,
    position: 1,
    trigger: {kind: 'event', events: ['request.created']},
    when: null,
    actions: [describeAction('one')],
    createdAt: 1,
    updatedAt: 1,
    nextAt: null,
    lastAt: null,
    plannedAt: null,
    ...change,
  }
}
