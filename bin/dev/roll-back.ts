import type {Client} from '../client.ts'
import type {Printer} from '../print.ts'
import {findActiveVersion} from './deploy-build.ts'

const ROLL_BACK_MS = 60_000

/** Swaps back to what served before where that is not so, and tells so. Throws what the server says. */
export async function rollBack(client: Client, id: string, version: string | null, print: Printer): Promise<void> {
  if (version === null) {
    print.note(`${id} was not installed before: the last build stays. "plugin-host remove ${id}" takes it away`)
    return
  }
  const signal = AbortSignal.timeout(ROLL_BACK_MS)
  if ((await findActiveVersion(client, id, signal)) === version) {
    print.note(`${id} ${version} still serves, as before`)
    return
  }
  const report = await client.call('activatePlugin', {
    params: {id},
    body: {version, consent: true, force: true},
    signal,
  })
  print.document({rolledBack: report}, {compact: true})
  print.note(`${id} is back at ${version}, which served before`)
}
