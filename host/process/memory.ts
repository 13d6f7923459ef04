import {readFile} from 'node:fs/promises'

/** Page size of the platforms Node runs on with /proc; larger pages would only make the watchdog stricter by that factor. */
const PAGE_BYTES = 4096

/** Resident memory in bytes from /proc (proc(5), statm field 2); undefined where there is none. */
export async function readResidentBytes(pid: number): Promise<number | undefined> {
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => undefined)
  const pages = Number(statm?.split(' ')[1])
  return Number.isFinite(pages) ? pages * PAGE_BYTES : undefined
}
