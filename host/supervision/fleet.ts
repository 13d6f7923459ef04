import type {LaunchSpec} from '../process/types.ts'
import {type RestartBucket, takeRestart} from './restart-policy.ts'
import {Supervisor} from './supervisor.ts'
import type {SupervisorParts} from './types.ts'

/** The supervisors of all plugins, and the restart budget they share. */
export interface Fleet {
  find(id: string): Supervisor | undefined
  add(spec: LaunchSpec): Supervisor
  /** Stops it and forgets it. */
  remove(id: string): Promise<void>
  stop(): Promise<void>
}

/** What each plugin's supervisor is made from: all but its id and the shared budget. */
export type FleetParts = Pick<SupervisorParts, 'clock' | 'config' | 'startProcess' | 'random'> & {
  forPlugin(id: string): Pick<SupervisorParts, 'hooks' | 'listConfigurations' | 'onEvent'>
}

export function createFleet({forPlugin, ...shared}: FleetParts): Fleet {
  const supervisors = new Map<string, Supervisor>()
  const {perSecond} = shared.config.restart
  let bucket: RestartBucket = {tokens: perSecond, at: shared.clock.now()}

  function takeTurn(): number {
    const taken = takeRestart(bucket, shared.clock.now(), perSecond)
    bucket = taken.bucket
    return taken.waitMs
  }

  return {
    find: id => supervisors.get(id),
    add(spec) {
      const supervisor = new Supervisor({...shared, ...forPlugin(spec.id), id: spec.id, takeRestart: takeTurn}, spec)
      supervisors.set(spec.id, supervisor)
      return supervisor
    },
    async remove(id) {
      const supervisor = supervisors.get(id)
      supervisors.delete(id)
      await supervisor?.stop()
    },
    async stop() {
      await Promise.all([...supervisors.values()].map(supervisor => supervisor.stop()))
    },
  }
}
