import {HostError} from '../../host/errors.ts'
import type {Host, Outcome} from '../../host/types.ts'
import {findOrRefuse} from './find-or-refuse.ts'
import type {MemoryHost} from './memory-host.ts'

const NOW = 1_800_000_000_000

type CallVerb = 'execute' | 'listExecutions' | 'getExecution' | 'cancelExecution' | 'getArtifact'

export function callVerbs(self: () => MemoryHost): Pick<Host, CallVerb> {
  let count = 0
  return {
    async execute(request) {
      const {registration, action, input} = request
      const {plugin} = findOrRefuse(self().registrations, registration, 'REGISTRATION_NOT_FOUND')
      self().requests.push(request)
      const run = self().actions[action]
      if (!run) throw new HostError('ACTION_NOT_FOUND', {action, id: plugin, known: Object.keys(self().actions)})
      const execution = `e${++count}`
      const came = await run(request)
      const outcome: Outcome = {...outcomeDefaults, execution, ...came}
      self().executions.set(execution, {...outcome, ...executionDefaults, registration, plugin, action, input})
      return outcome
    },
    listExecutions: ({plugin, registration, status, limit = 10, before} = {}) =>
      [...self().executions.values()]
        .reverse()
        .filter(entry => before === undefined || Number(entry.execution.slice(1)) < Number(before.slice(1)))
        .filter(entry => plugin === undefined || entry.plugin === plugin)
        .filter(entry => registration === undefined || entry.registration === registration)
        .filter(entry => status === undefined || entry.status === status)
        .slice(0, limit),
    getExecution: id => findOrRefuse(self().executions, id, 'EXECUTION_NOT_FOUND'),
    cancelExecution: id => findOrRefuse(self().executions, id, 'EXECUTION_NOT_FOUND'),
    getArtifact(execution, name) {
      findOrRefuse(self().executions, execution, 'EXECUTION_NOT_FOUND')
      const found = self().artifacts.get(name)
      if (!found) throw new HostError('ARTIFACT_NOT_FOUND', {name})
      return found
    },
  }
}

const outcomeDefaults: Omit<Outcome, 'execution'> = {
  status: 'succeeded',
  output: null,
  effects: [],
  message: 'done',
  error: null,
  attempts: 1,
  durationMs: 1,
  fence: null,
}

const executionDefaults = {
  version: '1.0.0',
  mode: 'live' as const,
  by: 'test',
  startedAt: NOW,
  endedAt: NOW,
  records: 0,
  artifacts: [],
  durable: false,
  record: null,
  mapping: null,
  origin: null,
  tries: [],
  nextAttemptAt: null,
}
