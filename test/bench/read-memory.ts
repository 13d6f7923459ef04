import {readFile} from 'node:fs/promises'

/** Memory of a process in MiB; `shared` counts a page as part of all processes that map it (PSS). */
export interface Memory {
  resident: number
  shared: number
}

/** From /proc, as proc(5) describes it. Rejects where there is none. */
export async function readMemory(pid: number): Promise<Memory> {
  const [status, rollup] = await Promise.all([
    readFile(`/proc/${pid}/status`, 'utf8'),
    readFile(`/proc/${pid}/smaps_rollup`, 'utf8'),
  ])
  return {resident: readField(status, 'VmRSS'), shared: readField(rollup, 'Pss')}
}

function readField(text: string, name: string): number {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]
  if (kib === undefined) throw new Error(`Cannot read ${name}: /proc does not tell it`)
  return Number(kib) / 1024
}
