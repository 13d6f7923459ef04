import {appendFile, mkdir, readdir, readFile, rename, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {refuse} from '../../host/bundle/bundle-problems.ts'
import {watchDropFolder} from '../../host/bundle/drop-folder.ts'
import {installBundle} from '../../host/bundle/install-bundle.ts'
import {systemClock} from '../../host/clock.ts'
import {HostError} from '../../host/errors.ts'
import {LIMITS, sampleZip} from '../support/bundle-files.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('drop-folder')

interface Drop {
  folder: string
  dataFolder: string
  /** Names handed to install, in order. */
  taken: string[]
  errors: unknown[]
}

interface DropSettings {
  settleMs?: number
  install?: (path: string) => Promise<unknown>
  prepare?: (folder: string) => Promise<void>
}

function withDrop(run: (drop: Drop) => Promise<void>, settings: DropSettings = {}): Promise<void> {
  return deadline(30_000, () =>
    withTempFolder(async base => {
      const [dataFolder, folder] = [join(base, 'data'), join(base, 'data/drop')]
      const drop: Drop = {folder, dataFolder, taken: [], errors: []}
      await mkdir(folder, {recursive: true})
      await settings.prepare?.(folder)
      const install = settings.install ?? ((path: string) => installBundle(path, {dataFolder, limits: LIMITS}))
      const watching = await watchDropFolder(folder, {
        install: path => {
          drop.taken.push(path.slice(folder.length + 1))
          return install(path)
        },
        settleMs: settings.settleMs ?? 60,
        clock: systemClock,
        onError: error => drop.errors.push(error),
      })
      try {
        await run(drop)
      } finally {
        await watching.close()
      }
    }),
  )
}

const gone = (folder: string, name: string): Promise<boolean> =>
  eventually(10_000, async () => !(await readdir(folder)).includes(name), `${name} to be gone`)

test('a bundle that is copied in is installed and gone', () =>
  withDrop(async ({folder, dataFolder, errors}) => {
    await writeFile(join(folder, 'plugin.fp'), sampleZip())
    await gone(folder, 'plugin.fp')
    assert.is((await readdir(join(dataFolder, 'plugins/com.example.sample'))).length, 1)
    assert.equal(errors, [])
  }))

test('a bundle that was there before the start is installed', () =>
  withDrop(({folder}) => gone(folder, 'early.fp').then(() => {}), {
    prepare: folder => writeFile(join(folder, 'early.fp'), sampleZip()),
  }))

test('a bundle is not taken while it is being written', () =>
  withDrop(
    async ({folder, taken}) => {
      const bytes = sampleZip()
      const file = join(folder, 'slow.fp')
      await writeFile(file, '')
      for (let at = 0; at < bytes.length; at += 40) {
        await appendFile(file, bytes.subarray(at, at + 40))
        await new Promise(resolve => setTimeout(resolve, 15))
      }
      await gone(folder, 'slow.fp')
      assert.equal(taken, ['slow.fp'])
      assert.not.ok((await readdir(folder)).includes('refused'))
    },
    {settleMs: 400},
  ))

test('a bundle whose writer pauses for longer than the settle time is given more time', () =>
  withDrop(
    async ({folder, taken, dataFolder}) => {
      const bytes = sampleZip()
      await writeFile(join(folder, 'paused.fp'), bytes.subarray(0, 200))
      await eventually(10_000, () => taken.length > 0, 'the first try')
      await appendFile(join(folder, 'paused.fp'), bytes.subarray(200))
      await gone(folder, 'paused.fp')
      assert.is((await readdir(join(dataFolder, 'plugins/com.example.sample'))).length, 1)
      assert.not.ok((await readdir(folder)).includes('refused'))
    },
    {settleMs: 100},
  ))

test('a refused bundle is moved aside with a readable reason', () =>
  withDrop(async ({folder}) => {
    await writeFile(join(folder, 'bad.fp'), sampleZip({entry: 'missing.js'}))
    await gone(folder, 'bad.fp')
    const refused = join(folder, 'refused')
    await eventually(5000, async () => (await readdir(refused)).length === 2, 'the file and its reason')
    const reason = await readFile(join(refused, 'bad.fp.reason.txt'), 'utf8')
    assert.match(reason, 'bad.fp was refused: MANIFEST_INVALID')
    assert.match(
      reason,
      'FILE_MISSING  /entry  names a file that is not there: missing.js. Add the file, or correct the path',
    )
    assert.equal(await readFile(join(refused, 'bad.fp')), sampleZip({entry: 'missing.js'}))
  }))

test('a file that stays cut off is refused in the end', () =>
  withDrop(
    async ({folder, taken}) => {
      await writeFile(join(folder, 'half.fp'), sampleZip().subarray(0, 200))
      await gone(folder, 'half.fp')
      assert.equal(taken, ['half.fp', 'half.fp'])
      assert.match(await readFile(join(folder, 'refused/half.fp.reason.txt'), 'utf8'), 'ZIP_NO_END')
    },
    {settleMs: 40},
  ))

test('other names, dotfiles, folders and links are left alone', () =>
  withDrop(async ({folder, taken}) => {
    await writeFile(join(folder, 'notes.txt'), 'x')
    await writeFile(join(folder, '.plugin.fp'), sampleZip())
    await mkdir(join(folder, 'folder.fp'))
    await symlink(join(folder, '.plugin.fp'), join(folder, 'link.fp'))
    await writeFile(join(folder, 'real.fp'), sampleZip())
    await gone(folder, 'real.fp')
    assert.equal(taken, ['real.fp'])
    assert.equal((await readdir(folder)).sort(), ['.plugin.fp', 'folder.fp', 'link.fp', 'notes.txt'])
  }))

test('a bundle that is replaced while it is being refused is judged anew', () =>
  withDrop(
    async ({folder, taken}) => {
      await writeFile(join(folder, 'plugin.fp'), 'first')
      await gone(folder, 'plugin.fp')
      assert.equal(taken, ['plugin.fp', 'plugin.fp'])
      assert.not.ok((await readdir(folder)).includes('refused'))
    },
    {
      install: async path => {
        if ((await readFile(path, 'utf8')) !== 'first') return
        await writeFile(`${path}.new`, 'second')
        await rename(`${path}.new`, path)
        throw refuse('ZIP_GAP', '')
      },
    },
  ))

test('a bundle that the host cannot take now stays, and the failure is told', () =>
  withDrop(
    async ({folder, taken, errors}) => {
      await writeFile(join(folder, 'plugin.fp'), sampleZip())
      await eventually(10_000, () => errors.length > 0, 'the failure')
      await writeFile(join(folder, 'other.fp'), sampleZip())
      await eventually(10_000, () => errors.length > 1, 'the other failure')
      assert.equal(taken, ['plugin.fp', 'other.fp'])
      assert.equal((await readdir(folder)).sort(), ['other.fp', 'plugin.fp'])
    },
    {install: () => Promise.reject(new HostError('HOST_STORE_FAILED', {reason: 'no space'}))},
  ))

test('closing waits for the install that runs, and takes nothing after it', () =>
  deadline(10_000, () =>
    withTempFolder(async folder => {
      await writeFile(join(folder, 'a.fp'), '1')
      await writeFile(join(folder, 'b.fp'), '2')
      const running = Promise.withResolvers<void>()
      const finish = Promise.withResolvers<void>()
      let installs = 0
      const install = async (): Promise<void> => {
        installs++
        running.resolve()
        await finish.promise
      }
      const onError = (error: unknown): void => assert.unreachable(String(error))
      const watching = await watchDropFolder(folder, {install, settleMs: 20, clock: systemClock, onError})
      await running.promise
      let closed = false
      const closing = watching.close().then(() => (closed = true))
      await new Promise(setImmediate)
      assert.not.ok(closed)
      finish.resolve()
      await closing
      assert.is(watching.close(), watching.close())
      assert.is(installs, 1)
      assert.is((await readdir(folder)).length, 1)
    }),
  ))

test.run()
