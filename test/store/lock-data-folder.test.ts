import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {suite} from 'uvu'
import {equal, is, ok, throws} from 'uvu/assert'
import {isHostError} from '../../host/errors.ts'
import {lockDataFolder} from '../../host/store/lock-data-folder.ts'
import {deadline} from '../support/deadline.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('lock-data-folder')
const FIXTURE = join(import.meta.dirname, '../fixtures/store/lock-folder.ts')

function endedPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid
}

test('a locked folder is refused with the pid of who has it, and is free after release', () =>
  withTempFolder(async folder => {
    const release = lockDataFolder(folder)
    throws(
      () => lockDataFolder(folder),
      (error: unknown) => isHostError(error, 'HOST_LOCKED') && error.details.pid === process.pid,
    )
    release()
    release()
    ok(!existsSync(join(folder, 'server.lock')))
    lockDataFolder(folder)()
  }))

test('the lock of a process that is gone is taken over', () =>
  withTempFolder(async folder => {
    writeFileSync(join(folder, 'server.lock'), JSON.stringify({pid: endedPid(), started: ''}))
    lockDataFolder(folder)()
  }))

test('the lock of a living pid that began at another time is taken over: the pid was used again', () =>
  withTempFolder(async folder => {
    if (process.platform !== 'linux') return
    const file = join(folder, 'server.lock')
    lockDataFolder(folder)
    const own = JSON.parse(readFileSync(file, 'utf8')) as {pid: number; started: string}
    writeFileSync(file, JSON.stringify({...own, started: `${own.started}1`}))
    lockDataFolder(folder)()
  }))

test('a half-written lock does not keep the folder locked for ever', () =>
  withTempFolder(async folder => {
    writeFileSync(join(folder, 'server.lock'), '{"pid": 12')
    lockDataFolder(folder)()
  }))

test('releasing leaves a lock alone that is another server’s by now', () =>
  withTempFolder(async folder => {
    const file = join(folder, 'server.lock')
    const release = lockDataFolder(folder)
    writeFileSync(file, '{"pid":1,"started":"other"}')
    release()
    is(readFileSync(file, 'utf8'), '{"pid":1,"started":"other"}')
  }))

test('of several servers that find a stale lock at once, one gets the folder', () =>
  deadline(30_000, () =>
    withTempFolder(async folder => {
      writeFileSync(join(folder, 'server.lock'), JSON.stringify({pid: endedPid(), started: ''}))
      const children = Array.from({length: 4}, () =>
        spawn(process.execPath, ['--disable-warning=ExperimentalWarning', FIXTURE, folder], {
          stdio: ['pipe', 'pipe', 'inherit'],
        }),
      )
      try {
        const lines = children.map(child => createInterface({input: child.stdout})[Symbol.asyncIterator]())
        await Promise.all(lines.map(line => line.next()))
        for (const child of children) child.stdin.write('go\n')
        const told = await Promise.all(lines.map(async line => String((await line.next()).value)))
        equal(told.filter(line => line === 'locked').length, 1, told.join('\n'))
      } finally {
        for (const child of children) {
          child.stdin.end()
          child.kill('SIGKILL')
          if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
        }
      }
    }),
  ))

test.run()
