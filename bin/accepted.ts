import type {Execution} from '../host/index.ts'
import type {Client} from './client.ts'
import {describeOutcome} from './describe-outcome.ts'
import type {Printer} from './print.ts'
import type {Result} from './verb.ts'
import {waitForExecution} from './wait-for-execution.ts'

/** What an execution that was accepted for later is told as: at once, or when it has ended. */
export async function tellAccepted(
  client: Client,
  accepted: Execution,
  {wait, print, signal}: {wait: boolean; print: Printer; signal: AbortSignal},
): Promise<Result> {
  if (!wait) {
    const {execution, action, status} = accepted
    const text = `${action}: accepted, ${status}  ${execution}\nSee it with "plugin-host executions ${execution}"`
    return {data: accepted, text}
  }
  const ended = await waitForExecution(client, accepted, {print, signal})
  return {data: ended, text: describeOutcome(ended), exitCode: ended.status === 'succeeded' ? 0 : 1}
}
