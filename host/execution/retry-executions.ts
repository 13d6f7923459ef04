import {HostError} from '../errors.ts'
import type {Execution, ExecutionFilter, ExecutionStatus, ExecutionVerbs} from '../types.ts'

const DEAD: readonly ExecutionStatus[] = ['failed', 'timedOut', 'unknown', 'cancelled']
const AT_MOST = 1000

interface RetryParts {
  get(id: string): Execution
  list(filter: ExecutionFilter): Execution[]
  replay: ExecutionVerbs['replayExecution']
}

/** Submits dead executions again, one after the other; each is told what it came to. */
export function createRetry({get, list, replay}: RetryParts): ExecutionVerbs['retryExecutions'] {
  return async (which, by = 'host') => {
    const ids = 'executions' in which ? which.executions : listDead(which.filter, list)
    const retried: {execution: string; as: string}[] = []
    const refused: {execution: string; reason: string}[] = []
    for (const execution of new Set(ids)) {
      try {
        const {status} = get(execution)
        if (!DEAD.includes(status))
          throw new HostError('EXECUTION_NOT_REPLAYABLE', {id: execution, reason: `it is ${status}`})
        retried.push({execution, as: (await replay(execution, {by})).execution})
      } catch (error) {
        if (!(error instanceof HostError)) throw error
        refused.push({execution, reason: error.message.split('\n')[0] ?? ''})
      }
    }
    return {retried, refused}
  }
}

function listDead(filter: ExecutionFilter, list: RetryParts['list']): string[] {
  const statuses = filter.status === undefined ? DEAD : [filter.status]
  const found = statuses.flatMap(status => list({...filter, status, limit: Math.min(filter.limit ?? AT_MOST, AT_MOST)}))
  return found.map(({execution}) => execution).sort()
}
