/** Finding processes again: by pid and start time, or by the mark in their environment. Linux has both; elsewhere nothing is found. */
import {mkdir, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {killGroup} from './launch.ts'

interface RunFile {
  pid: number
  startTime: string
  mark: string
}

/** Field 22 of /proc/pid/stat, clock ticks since boot; undefined for a process that is gone or a zombie (proc(5)). */
async function readStartTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19]
}

/** Notes a process for the next boot; the returned function takes the note away. */
export async function noteProcess(runFolder: string, pid: number, mark: string): Promise<() => Promise<void>> {
  const startTime = await readStartTime(pid)
  const file = join(runFolder, `${pid}.json`)
  if (startTime === undefined) return async () => {}
  await mkdir(runFolder, {recursive: true, mode: 0o700})
  await writeFile(file, JSON.stringify({pid, startTime, mark} satisfies RunFile))
  return () => rm(file, {force: true})
}

/** At boot: ends what a host before us has left. A pid alone proves nothing, so the start time must fit. Returns the ended pids. */
export async function sweepRunFolder(runFolder: string): Promise<number[]> {
  const ended: number[] = []
  for (const name of await readdir(runFolder).catch(() => [])) {
    const file = join(runFolder, name)
    const note = parseRunFile(await readFile(file, 'utf8').catch(() => ''))
    if (note && (await readStartTime(note.pid)) === note.startTime) {
      killGroup(note.pid, 'SIGKILL')
      ended.push(note.pid)
    }
    if (note) ended.push(...(await killMarked(note.mark)))
    await rm(file, {force: true})
  }
  return ended
}

function parseRunFile(text: string): RunFile | undefined {
  try {
    const {pid, startTime, mark} = JSON.parse(text) as RunFile
    return Number.isSafeInteger(pid) && pid > 1 && typeof mark === 'string' && mark !== ''
      ? {pid, startTime, mark}
      : undefined
  } catch {
    return undefined
  }
}

/** Living processes (zombies aside) with `FP_PROCESS=<mark>` in their environment: what double-forked away from its group. */
export async function findMarked(mark: string): Promise<number[]> {
  const needle = Buffer.from(`FP_PROCESS=${mark}\0`)
  const pids = (await readdir('/proc').catch(() => [])).filter(name => /^[0-9]+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async pid => {
      const environment = await readFile(`/proc/${pid}/environ`).catch(() => undefined)
      return environment?.includes(needle) && (await readStartTime(pid)) !== undefined ? pid : undefined
    }),
  )
  return found.filter(pid => pid !== undefined)
}

export async function killMarked(mark: string): Promise<number[]> {
  const pids = await findMarked(mark)
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It ended by itself in between.
    }
  }
  return pids
}
