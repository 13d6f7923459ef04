import type {Clock} from '../clock.ts'
import type {Config} from '../config.ts'
import type {Death} from './death.ts'
import {readResidentBytes} from './memory.ts'
import type {Transport} from './transport.ts'

interface Watched {
  pid: number
  clock: Clock
  config: Config['process']
  memory: {rssBytes: number}
  memoryMb: number
  transport: Transport
  death: Death
}

const MIB = 1024 * 1024

/** Looks at memory and at stuck writes from time to time; ends a process over its limit. Returns what stops the looking. */
export function watchHealth({pid, clock, config, memory, memoryMb, transport, death}: Watched): () => void {
  let cancel = clock.after(config.memoryCheckMs, look)
  let watching = true

  async function check(): Promise<void> {
    memory.rssBytes = (await readResidentBytes(pid)) ?? memory.rssBytes
    if (memory.rssBytes > memoryMb * MIB)
      death.end('memory', `${Math.round(memory.rssBytes / MIB)} MiB of ${memoryMb} MiB`)
    const {stuckSince} = transport
    if (stuckSince !== undefined && clock.now() - stuckSince > config.writeStuckMs)
      death.end('writeStuck', `for ${config.writeStuckMs} ms`)
  }
  function look(): void {
    void check().finally(() => {
      if (watching) cancel = clock.after(config.memoryCheckMs, look)
    })
  }

  return () => {
    watching = false
    cancel()
  }
}
