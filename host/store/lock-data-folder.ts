import {execFileSync} from 'node:child_process'
import {readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {HostError} from '../errors.ts'

const LOCK_FILE = 'server.lock'
const ATTEMPTS = 5
const HALF_WRITTEN_MS = 50

interface Owner {
  pid: number
  /** When that process began, as the system tells it: a pid alone is used again. */
  started: string
}

/** Takes the folder for this process; the returned function gives it back. Throws HOST_LOCKED with the pid of who has it. */
export function lockDataFolder(folder: string): () => void {
  const file = join(folder, LOCK_FILE)
  const own = JSON.stringify({pid: process.pid, started: readStart(process.pid) ?? ''} satisfies Owner)
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (createFile(file, own)) return () => release(file, own)
    const found = readText(file)
    const owner = parseOwner(found)
    if (owner && isAlive(owner)) throw new HostError('HOST_LOCKED', {path: folder, pid: owner.pid})
    // Unreadable text may be a lock that is being written this moment: look again before calling it stale.
    if (!owner && attempt < 3) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, HALF_WRITTEN_MS)
    else removeStale(file, found)
  }
  throw new HostError('HOST_LOCKED', {path: folder, pid: parseOwner(readText(file))?.pid ?? 'unknown'})
}

function createFile(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, {flag: 'wx', mode: 0o600, flush: true})
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new HostError('HOST_STORE_FAILED', {reason: (error as Error).message}, error)
  }
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function parseOwner(text: string | undefined): Owner | undefined {
  try {
    const {pid, started} = JSON.parse(text ?? '') as Partial<Owner>
    return Number.isInteger(pid) && typeof started === 'string' ? {pid: pid as number, started} : undefined
  } catch {
    return undefined
  }
}

/** Moved aside first, then looked at: two servers that find the same stale lock must not remove each other's new one. */
function removeStale(file: string, judged: string | undefined): void {
  const aside = `${file}.${process.pid}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  const moved = readText(aside)
  if (moved !== undefined && moved !== judged) createFile(file, moved)
  rmSync(aside, {force: true})
}

function release(file: string, own: string): void {
  if (readText(file) === own) rmSync(file, {force: true})
}

function isAlive({pid, started}: Owner): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  const now = readStart(pid)
  return now === undefined || started === '' || now === started
}

/** undefined where the system does not tell. */
function readStart(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      // The name in parentheses may hold spaces; the start is the 20th field after it, in ticks since this boot.
      const ticks = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[19]
      return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`
    }
    if (process.platform === 'win32') return undefined
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {encoding: 'utf8'}).trim() || undefined
  } catch {
    return undefined
  }
}
