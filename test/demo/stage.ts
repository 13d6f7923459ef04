import type {BuiltBundle} from '../../host/index.ts'
import type {Releasers} from '../../host/releasers.ts'
import type {Outcome} from '../../host/types.ts'
import type {Receiver} from './receiver.ts'
import type {DemoServer} from './server.ts'
import type {Story} from './story.ts'

/** What every part of the demo plays with. */
export interface Stage {
  folder: string
  releasers: Releasers
  step: Story['step']
  server: DemoServer
  receiver: Receiver
  bundles: BuiltBundle[]
  execute(registration: string, action: string, input: object): Promise<Outcome>
}

/** Throws with the whole outcome when it is another. */
export function expectStatus(outcome: Outcome, status: Outcome['status']): void {
  if (outcome.status !== status) throw new Error(`Cannot go on: the outcome is ${JSON.stringify(outcome)}`)
}
