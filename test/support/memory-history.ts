import type {ExecutionVerbs} from '../../host/types.ts'
import {findOrRefuse} from './find-or-refuse.ts'
import type {MemoryHost} from './memory-host.ts'

/** Executes at once what a real host would queue, and tells it as queued. */
export function historyVerbs(self: () => MemoryHost): ExecutionVerbs {
  return {
    async submit(request) {
      const {execution} = await self().execute(request)
      const accepted = {...self().getExecution(execution), status: 'queued', durable: true, endedAt: null} as const
      self().executions.set(execution, accepted)
      return accepted
    },
    executeMapped: async request => self().execute({...request, ...mapInput(request)}),
    submitMapped: async request => self().submit({...request, ...mapInput(request)}),
    async replayExecution(id, {mode = 'live', by = 'host'} = {}) {
      const {registration, action, input} = self().getExecution(id)
      return self().submit({registration, action, input, mode, by, origin: {kind: 'replay', id}})
    },
    async retryExecutions(which) {
      const all =
        'executions' in which
          ? which.executions
          : self()
              .listExecutions(which.filter)
              .map(e => e.execution)
      const known = all.filter(id => self().executions.has(id))
      return {
        retried: known.map(execution => ({execution, as: `${execution}-again`})),
        refused: all.filter(id => !known.includes(id)).map(execution => ({execution, reason: 'there is none'})),
      }
    },
    explainInput(id) {
      const {mapping, input} = findOrRefuse(self().executions, id, 'EXECUTION_NOT_FOUND')
      return {mapping, rows: [{target: 'name', configured: null, used: input}]}
    },
  }
}

function mapInput({mapping, record}: Parameters<ExecutionVerbs['executeMapped']>[0]) {
  const input = typeof record === 'string' ? {read: record} : record
  return {input, mapping: {name: mapping, revision: 1}, record: typeof record === 'string' ? record : 'request:1'}
}
