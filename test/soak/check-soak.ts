import type {Execution, ExecutionStatus} from '../../host/types.ts'

/** What the driver was told, and what is there after the last crash. */
export interface SoakResult {
  /** Answered with 202. */
  accepted: {execution: string; action: string; n: number}[]
  /** As they read at the end; undefined for one that is not found. */
  executions: ReadonlyMap<string, Pick<Execution, 'status' | 'endedAt' | 'message'> | undefined>
  ledger: readonly LedgerLine[]
}

export interface LedgerLine {
  execution: string
  action: string
  /** Of the request: the same for one that was sent again with its key. */
  n: number
}

export interface SoakReport {
  accepted: number
  states: {[status: string]: number}
  /** Idempotent ones that did not succeed, those that are gone or never ended, and those told as done that were not. */
  lost: string[]
  /** Non-idempotent ones that were done twice, and requests that became two executions. */
  doubles: string[]
}

const ENDED: readonly ExecutionStatus[] = ['succeeded', 'failed', 'timedOut', 'cancelled', 'unknown']

export function parseLedger(text: string): LedgerLine[] {
  // A plugin that is killed may have left the last line in pieces: it was not done.
  const lines = text.split('\n').slice(0, -1)
  return lines.map(line => {
    const [execution = '', action = '', n = ''] = line.split(' ')
    return {execution, action, n: Number(n)}
  })
}

/** Pure. */
export function checkSoak({accepted, executions, ledger}: SoakResult): SoakReport {
  const counts = new Map<string, number>()
  for (const {execution} of ledger) counts.set(execution, (counts.get(execution) ?? 0) + 1)
  const states: SoakReport['states'] = {}
  const lost: string[] = []
  for (const {execution, action} of new Map(accepted.map(each => [each.execution, each])).values()) {
    const found = executions.get(execution)
    const status = found?.status ?? 'missing'
    states[status] = (states[status] ?? 0) + 1
    const hasEnded = found !== undefined && ENDED.includes(found.status) && found.endedAt !== null
    const isDone = counts.has(execution)
    if (!hasEnded) lost.push(`${execution} ${action}: ${status}`)
    else if (status === 'succeeded' && !isDone) lost.push(`${execution} ${action}: succeeded, but was not done`)
    else if (action === 'put' && status !== 'succeeded')
      lost.push(`${execution} ${action}: ${status}, ${found.message}`)
  }
  const sent = ledger.filter(({action}) => action === 'send')
  const twice = [...groupBy(sent, ({n}) => n)].filter(([, lines]) => lines.length > 1)
  const both = [...groupBy(accepted, ({n}) => n)].filter(
    ([, answers]) => new Set(answers.map(({execution}) => execution)).size > 1,
  )
  const doubles = [
    ...twice.map(([n, lines]) => `send ${n}: done as ${lines.map(({execution}) => execution).join(', ')}`),
    ...both.map(([n, answers]) => `${n}: accepted as ${answers.map(({execution}) => execution).join(', ')}`),
  ]
  return {accepted: Object.values(states).reduce((total, count) => total + count, 0), states, lost, doubles}
}

function groupBy<T>(items: readonly T[], read: (item: T) => number): Map<number, T[]> {
  return Map.groupBy(items, read)
}
