import type {Config} from './config.ts'
import {createIdSource} from './execution/create-id.ts'
import {createEvents, type Events} from './execution/rules/events.ts'
import {parseEvent} from './execution/rules/parse-event.ts'
import {createPeriodicRules} from './execution/rules/periodic-rules.ts'
import {createRuleRuns} from './execution/rules/rule-runs.ts'
import {createRules} from './execution/rules/rules.ts'
import {createScenarios} from './execution/rules/scenarios.ts'
import {createRuleStarter} from './execution/rules/start-rules.ts'
import {testRule} from './execution/rules/test-rule.ts'
import type {WorkflowParts} from './execution/rules/types.ts'
import type {MainServer} from './main-server/main-server.ts'
import type {Module} from './record-types.ts'
import type {RuleVerbs} from './workflow-types.ts'

const DAY_MS = 86_400_000
const FEWEST_DAYS = 7
/** Between two looks at what is left to do, and at what is old. */
const GO_ON_MS = 50_000
const PRUNE_MS = 3_600_000

export interface RuleVerbParts extends Omit<WorkflowParts, 'listFields'> {
  mainServer: MainServer
  config: Config['workflow']
}

export interface Workflow {
  verbs: RuleVerbs
  /** Where changes of the desk's records are told. */
  events: Events
  /** Goes on with what a server before this one has left, and begins to keep the times of periodic rules. */
  start(): void
  stop(): Promise<void>
}

/** Events, the rules they start, and the runs of those. Nothing runs by itself before `start`. */
export function createRuleVerbs(given: RuleVerbParts): Workflow {
  const {clock, store, mainServer, config, onError} = given
  const parts = {...given, listFields: (module: Module) => mainServer.listFields(module)}
  const createId = createIdSource(clock.now)
  const runs = createRuleRuns(parts)
  const events = createEvents({...parts, startRules: createRuleStarter(parts, runs), showRun: runs.show})
  const rules = createRules({...parts, onChange: () => periods.look()})
  const runScenario = createScenarios({
    ...parts,
    runs,
    findRule: rules.find,
    getRecord: (module, id) => mainServer.get(module, id),
    waitMs: config.scenarioWaitMs,
  })
  const periods = createPeriodicRules({
    ...parts,
    runs,
    search: (module, query) => mainServer.search(module, query),
    onLook: goOn,
  })
  let goneOnAt: number | undefined
  let prunedAt: number | undefined
  let going: Promise<void> = Promise.resolve()

  function goOn(): void {
    const now = clock.elapsed()
    if (goneOnAt !== undefined && now - goneOnAt < GO_ON_MS) return
    goneOnAt = now
    going = going.then(events.recover).then(runs.recover).catch(onError)
    if (prunedAt !== undefined && now - prunedAt < PRUNE_MS) return
    prunedAt = now
    const before = clock.now() - Math.max(config.eventDays, FEWEST_DAYS) * DAY_MS
    store.commitNow(() => {
      store.ruleRuns.prune(before)
      store.events.prune(before)
    })
  }

  const {find, ...verbs} = rules
  return {
    events,
    start: () => periods.start(),
    async stop() {
      await periods.stop()
      await going
    },
    verbs: {
      ...verbs,
      handleEvent: (event, by) => events.handle(event, by),
      listEvents: filter => events.list(filter),
      getEvent: id => events.get(id),
      async testRule(id, given) {
        const rule = find(id)
        const event =
          typeof given === 'string' ? events.find(given) : parseEvent(given, {now: clock.now(), by: 'test', createId})
        return testRule(rule, event, parts)
      },
      runScenario,
      listRuleRuns: filter => runs.list(filter),
      getRuleRun: id => runs.get(id),
    },
  }
}
