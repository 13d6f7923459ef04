import {setTimeout as sleep} from 'node:timers/promises'
import type {Execution} from '../host/index.ts'
import type {Client} from './client.ts'
import type {Printer} from './print.ts'

const LOOK_MS = 250

/** Looks at an accepted execution until it has ended. */
export async function waitForExecution(
  client: Client,
  accepted: Execution,
  {print, signal}: {print: Printer; signal: AbortSignal},
): Promise<Execution> {
  for (let now = accepted; ; ) {
    if (now.endedAt !== null) return now
    print.progress(`${now.action}: ${now.status}${now.attempts > 1 ? `, attempt ${now.attempts}` : ''}`)
    await sleep(LOOK_MS, undefined, {signal})
    now = await client.call('getExecution', {params: {eid: now.execution}, signal})
  }
}
