import type {PluginProcess} from '../process/types.ts'

/** Processes that are no longer called: they finish what they have, and end. */
export interface Retirement {
  /** Resolves when it is gone; time to finish its calls in milliseconds. */
  retire(process: PluginProcess | undefined, drainMs: number): Promise<void>
  /** Ends those that are still finishing, by the ladder. */
  stop(): Promise<void>
}

export function createRetirement(): Retirement {
  const finishing = new Set<PluginProcess>()
  return {
    async retire(process, drainMs) {
      if (!process) return
      finishing.add(process)
      await process.drain(drainMs)
      await process.stop()
      finishing.delete(process)
    },
    async stop() {
      await Promise.all([...finishing].map(process => process.stop()))
    },
  }
}
