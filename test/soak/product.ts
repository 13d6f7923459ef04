import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdirSync, readFileSync} from 'node:fs'
import {readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {eventually} from '../support/deadline.ts'
import {ROOT} from '../support/fixture-process.ts'
import {isAlive} from '../support/is-alive.ts'

const READY_MS = 60_000

/** The product in a process of its own. */
export interface Product {
  /** Resolves once it answers; undefined when it was killed before. */
  ready: Promise<{url: string; token: string} | undefined>
  /** With SIGKILL; gives the processes that it leaves behind. */
  kill(): Promise<number[]>
  errors(): string
}

export type Program = 'bin/main.ts' | 'dist/bin/main.js'

export async function startProduct(folder: string, program: Program): Promise<Product> {
  // Its address is of the server before.
  await rm(join(folder, 'server.json'), {force: true})
  const args = [join(ROOT, program), 'serve', '--port', '0', '--data', folder]
  const child = spawn(process.execPath, args, {stdio: ['ignore', 'ignore', 'pipe']})
  let errors = ''
  child.stderr.on('data', chunk => (errors = `${errors}${chunk}`.slice(-10_000)))
  const ended = once(child, 'exit')
  return {
    ready: waitUntilReady(folder, child).catch(error => {
      throw new Error(`${error.message}\n${errors}`)
    }),
    async kill() {
      child.kill('SIGKILL')
      await ended
      return listProcesses(folder)
    },
    errors: () => errors,
  }
}

async function waitUntilReady(folder: string, child: ChildProcess): Promise<{url: string; token: string} | undefined> {
  let killed = false
  const found = await eventually(READY_MS, async () => {
    if (child.signalCode === 'SIGKILL') killed = true
    else if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}`)
    if (killed) return true
    const address = await readFile(join(folder, 'server.json'), 'utf8').catch(() => '')
    if (!address.endsWith('}')) return undefined
    const {url} = JSON.parse(address) as {url: string}
    return {url, token: (await readFile(join(folder, 'token'), 'utf8')).trim()}
  })
  return found === true ? undefined : found
}

/** Processes that have the folder in their command line. */
export function listProcesses(folder: string): number[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter(pid => isOf(pid, folder))
}

function isOf(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder) && isAlive(pid)
  } catch {
    return false
  }
}

/** Resolves when all of them are gone. */
export async function waitUntilGone(pids: readonly number[], folder: string, ms: number): Promise<void> {
  await eventually(ms, () => pids.every(pid => !isOf(pid, folder)), `the end of ${pids.join(', ')}`)
}

/** What SQLite finds wrong with the file as a crash left it; empty when nothing is. */
export function checkDatabase(folder: string): string[] {
  const db = new DatabaseSync(join(folder, 'plugin-host.db'), {readOnly: true})
  try {
    const found = db
      .prepare('PRAGMA integrity_check')
      .all()
      .map(row => String(row.integrity_check))
    const broken = db
      .prepare('PRAGMA foreign_key_check')
      .all()
      .map(row => JSON.stringify(row))
    return [...found.filter(line => line !== 'ok'), ...broken]
  } finally {
    db.close()
  }
}
