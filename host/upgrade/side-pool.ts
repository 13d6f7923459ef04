import type {ConfigureParams} from '../../runtime/protocol.ts'
import type {OpenSide, SideProcess, UpgradeEnd} from './types.ts'

/** A version as it is rehearsed with: its own configurations. */
export interface RehearsedEnd extends UpgradeEnd {
  configurations: ConfigureParams[]
  /** Why it must not be started at all. */
  blocked?: string
}

/** Processes of one call at a time: one for each version and seal, started when first asked for. */
export interface SidePool {
  find(end: RehearsedEnd, sealed: boolean): Promise<SideProcess>
  /** It failed in a way that may have ended it: the next one asked for is fresh. */
  drop(side: SideProcess): Promise<void>
  close(): Promise<void>
}

export function createSidePool(plugin: string, openSide: OpenSide): SidePool {
  const open = new Map<string, Promise<SideProcess>>()

  return {
    find({version, configurations, permissions}, sealed) {
      const key = `${version} ${sealed}`
      const known = open.get(key)
      if (known !== undefined) return known
      // One that cannot be started stays so: each that asks is told the same.
      const opening = openSide(plugin, version, {sealed, configurations, permissions, purpose: 'rehearsal'})
      opening.catch(() => {})
      open.set(key, opening)
      return opening
    },
    async drop(side) {
      for (const [key, opening] of open) {
        if ((await opening.catch(() => undefined)) === side) open.delete(key)
      }
      await side.stop()
    },
    async close() {
      const all = [...open.values()]
      open.clear()
      await Promise.all(all.map(async opening => (await opening.catch(() => undefined))?.stop()))
    },
  }
}
