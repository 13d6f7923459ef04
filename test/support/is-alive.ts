import {readFileSync} from 'node:fs'

/** True while a process with the pid lives; a zombie, which only waits to be reaped, does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return !/^\d+ \(.*\) Z/s.test(stat)
  } catch {
    return false
  }
}
