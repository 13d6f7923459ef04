import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {sweepRunFolder} from '../../host/process/sweep.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {LOADER, ROOT} from '../support/fixture-process.ts'
import {isAlive} from '../support/is-alive.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('after kill -9 of the host')

/** Living processes with the host's mark in their environment, wherever they have gone. */
async function findMarked(mark: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const environments = await Promise.all(pids.map(pid => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')))
  return pids.filter((pid, index) => environments[index]?.includes(`FP_HOST=${mark}\0`) && isAlive(pid))
}

/** Starts the host of ten in a process of its own, kills it, and hands over its marks. */
async function killHost(folder: string, ...args: string[]): Promise<{mark: string; pids: number[]; before: number}> {
  const host = spawn(process.execPath, [join(ROOT, 'test/fixtures/host-of-ten.ts'), folder, LOADER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(host.stdout, 'data')) as [Buffer]
  const {mark, pids} = JSON.parse(line.toString()) as {mark: string; pids: number[]}
  const before = (await findMarked(mark)).length
  const ended = once(host, 'exit')
  host.kill('SIGKILL')
  await ended
  return {mark, pids, before}
}

test('none of ten plugins lives 3 s later: not the busy ones, not those that ignore signals, not what left its group', () =>
  withTempFolder(folder =>
    deadline(30_000, async () => {
      const {mark, pids, before} = await killHost(folder)
      assert.is(pids.length, 10)
      assert.ok(before >= 13, 'ten plugins and what one of them has started')
      await eventually(3000, async () => (await findMarked(mark)).length === 0, 'that all are gone')
    }),
  ))

test('the next boot sweeps what is left, by pid and start time, and only that', () =>
  withTempFolder(folder =>
    deadline(30_000, async () => {
      // The negative control of the test above: without the guardian the busy ones live on.
      const {mark, pids} = await killHost(folder, 'unguarded')
      await eventually(
        5000,
        () => pids.slice(2, 3).every(pid => !isAlive(pid)),
        'that the idle ones have left by themselves',
      )
      assert.ok(pids.slice(0, 2).every(isAlive), 'the busy ones live on')
      const runFolder = join(folder, 'run')
      const own = {pid: process.pid, startTime: '1', mark: 'somebody-elses-mark'}
      await import('node:fs/promises').then(fs =>
        fs.writeFile(join(runFolder, `${process.pid}.json`), JSON.stringify(own)),
      )
      const ended = await sweepRunFolder(runFolder)
      assert.not(ended.includes(process.pid))
      await eventually(3000, async () => (await findMarked(mark)).length === 0, 'that all are gone')
      assert.equal(await readdir(runFolder), [])
    }),
  ))

test.run()
