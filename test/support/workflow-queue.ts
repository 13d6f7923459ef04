import type {WorkflowQueue} from '../../host/execution/rules/types.ts'
import type {Store} from '../../host/store/open-store.ts'
import type {EndedStatus, ExecuteRequest, Execution} from '../../host/types.ts'
import type {Json} from '../../runtime/protocol.ts'
import {describeExecution} from './store.ts'

/** A queue whose executions end when the test says so. Its transactions are the store's. */
export interface TestQueue extends WorkflowQueue {
  /** As they were accepted. */
  accepted: {id: string; request: ExecuteRequest}[]
  find(id: string): Execution | undefined
  end(id: string, change?: {status?: EndedStatus; output?: Json; message?: string}): void
  /** What submitting comes to: throws to refuse. */
  judge: (request: ExecuteRequest) => void
  /** Forgets who listens, as a server does that ends. */
  forget(): void
}

export function createTestQueue(store: Pick<Store, 'commitNow' | 'executions'>): TestQueue {
  const listeners: ((execution: Execution) => (() => void) | undefined)[] = []
  const accepted: TestQueue['accepted'] = []
  const queue: TestQueue = {
    accepted,
    judge: () => {},
    find: id => store.executions.find(id),
    forget: () => void listeners.splice(0),
    onEnded: listener => void listeners.push(listener),
    async submit(requests, {alongside} = {}) {
      for (const request of requests) queue.judge(request)
      const before = accepted.length
      const executions = requests.map((request, index) => {
        const {registration, action, input, mode = 'live', by = '', origin = null, record = null} = request
        const id = `e${String(before + index + 1).padStart(5, '0')}`
        const asked = {registration, action, input, mode, by, origin, record}
        return describeExecution({
          ...asked,
          execution: id,
          status: 'queued',
          output: null,
          endedAt: null,
          durable: true,
        })
      })
      store.commitNow(() => {
        for (const execution of executions) store.executions.record(execution)
        alongside?.(executions)
      })
      for (const [index, {execution}] of executions.entries())
        accepted.push({id: execution, request: requests[index] as ExecuteRequest})
      return executions
    },
    end(id, {status = 'succeeded', output = {}, message = ''} = {}) {
      const execution = store.executions.find(id)
      if (!execution) throw new Error(`Cannot end execution "${id}": there is none`)
      const ended: Execution = {...execution, status, output, message, endedAt: execution.startedAt + 1}
      const writes = listeners.map(listener => listener(ended))
      store.commitNow(() => {
        store.executions.record(ended)
        for (const write of writes) write?.()
      })
    },
  }
  return queue
}

/** Lets what waits for the store's group commits and for promises go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await new Promise(resolve => setImmediate(resolve))
}
