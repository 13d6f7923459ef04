import {execFileSync} from 'node:child_process'
import {readdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {installBundle} from '../../host/bundle/install-bundle.ts'
import {LIMITS, sampleSpecs, sampleZip} from '../support/bundle-files.ts'
import {deadline} from '../support/deadline.ts'
import {needs} from '../support/needs.ts'
import {withTempFolder} from '../support/temp.ts'
import {buildZip} from '../support/zip-builder.ts'

const test = suite('install-resources')
const CHILD = join(import.meta.dirname, '../fixtures/install-bundle.ts')
const LARGE = 200_000

const withLimits = needs(test, {program: 'prlimit', package: 'util-linux'})

/** What installing says when no file may grow beyond `bytes`. */
async function installWithin(folder: string, bytes: number): Promise<string> {
  const file = join(folder, 'plugin.fp')
  await writeFile(file, buildZip([...sampleSpecs(), {name: 'large', data: Buffer.alloc(LARGE)}]))
  const arguments_ = [`--fsize=${bytes}`, process.execPath, CHILD, join(folder, 'data'), file]
  return execFileSync('prlimit', arguments_, {encoding: 'utf8', timeout: 30_000}).trim()
}

withLimits('a disk that takes no more while unpacking fails the install and leaves nothing', () =>
  withTempFolder(async folder => {
    assert.is(await installWithin(folder, LARGE - 1), 'HOST_STORE_FAILED EFBIG')
    assert.equal(await readdir(join(folder, 'data')), ['staging'])
    assert.equal(await readdir(join(folder, 'data/staging')), [])
    assert.match(await installWithin(folder, LARGE), /^installed/)
  }),
)

withLimits('a disk that takes no more while the bundle arrives fails the install and leaves nothing', () =>
  withTempFolder(async folder => {
    assert.is(await installWithin(folder, 100), 'HOST_STORE_FAILED EFBIG')
    assert.equal(await readdir(join(folder, 'data/staging')), [])
  }),
)

const withProc = needs(test, ...(process.platform === 'linux' ? [] : [{program: '/proc', package: 'linux'}]))
withProc('installing and refusing leave no file open', () =>
  deadline(60_000, () =>
    withTempFolder(async folder => {
      const options = {dataFolder: join(folder, 'data'), limits: LIMITS}
      const broken = sampleZip()
      broken.writeUInt8(0xff, 60)
      const bundles = {sound: sampleZip(), broken, cut: sampleZip().subarray(0, -5), none: Buffer.from('nothing')}
      for (const [name, bytes] of Object.entries(bundles)) await writeFile(join(folder, name), bytes)
      const countOpen = async (): Promise<number> => (await readdir('/proc/self/fd')).length
      const installAll = (): Promise<unknown[]> =>
        Promise.all(Object.keys(bundles).map(name => installBundle(join(folder, name), options).catch(() => {})))
      await installAll()
      const before = await countOpen()
      for (let round = 0; round < 10; round++) await installAll()
      assert.is(await countOpen(), before)
    }),
  ),
)

test.run()
