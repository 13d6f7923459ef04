import {type Clock, delay} from '../clock.ts'
import {killGroup} from './launch.ts'
import {findMarked, killMarked} from './sweep.ts'

/** Time after which what is left of a process tree is reported, milliseconds. */
const EMPTY_WITHIN_MS = 2000
const LOOK_EVERY_MS = 50

/** After the exit: ends what is left of the group, and what left the group, and makes sure that nothing is there any more. */
export async function buryProcess(tree: {
  pid: number
  mark: string
  mayHaveChildren: boolean
  clock: Clock
  onOrphans(pids: number[]): void
}): Promise<void> {
  if (tree.pid > 0) killGroup(tree.pid, 'SIGKILL')
  // Without the permission to start programs there is nothing else to look for.
  if (!tree.mayHaveChildren) return
  const end = tree.clock.elapsed() + EMPTY_WITHIN_MS
  for (;;) {
    await killMarked(tree.mark)
    const left = await findMarked(tree.mark)
    if (left.length === 0) return
    if (tree.clock.elapsed() >= end) return tree.onOrphans(left)
    await delay(tree.clock, LOOK_EVERY_MS)
  }
}
