import {randomBytes} from 'node:crypto'
import type {Clock} from '../clock.ts'
import {buryProcess} from './bury.ts'
import type {Guardian} from './guardian.ts'
import {launch} from './launch.ts'
import {noteProcess} from './sweep.ts'
import type {LaunchSpec} from './types.ts'

export interface MarkedParts {
  /** Absolute path of the runtime's one file. */
  loader: string
  /** Where processes are noted for the next boot. */
  runFolder: string
  /** The host's mark in its children's environment. */
  hostMark: string
  guardian: Guardian
  clock: Clock
}

/** A child that is found again whatever becomes of it: marked, told to the guardian, noted for the next boot. */
export function spawnMarked({loader, runFolder, hostMark, guardian, clock}: MarkedParts, spec: LaunchSpec) {
  const mark = randomBytes(12).toString('hex')
  const child = launch(spec, {loader, marks: {FP_HOST: hostMark, FP_PROCESS: mark}}).nodeChildProcess
  const {pid = 0} = child
  if (pid > 0) guardian.add(pid)
  const noted = pid > 0 ? noteProcess(runFolder, pid, mark) : Promise.resolve(async () => {})
  return {
    child,
    pid,
    /** After its exit: ends what it had started, and forgets it. */
    async bury(onOrphans: (pids: number[]) => void): Promise<void> {
      const mayHaveChildren = spec.permissions.exec || 'command' in spec.program
      await buryProcess({pid, mark, mayHaveChildren, clock, onOrphans})
      guardian.remove(pid)
      await (await noted)()
    },
  }
}
