import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import extractZip from 'extract-zip'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {listProblems} from '../../host/bundle/bundle-problems.ts'
import {installBundle} from '../../host/bundle/install-bundle.ts'
import {verifyBundle} from '../../host/bundle/verify-bundle.ts'
import {describeTree, LIMITS, readFiles, sampleZip, writeFiles} from '../support/bundle-files.ts'
import {deadline} from '../support/deadline.ts'
import {withTempFolder} from '../support/temp.ts'
import {HOSTILE_ZIPS, type Hostile} from './hostile-zips.ts'

const test = suite('hostile-zips')

interface Trap {
  dataFolder: string
  canary: string
  upload: string
  /** Everything outside the data folder, and the plugins that are installed. */
  describeAll(): Promise<string[]>
}

/** A data folder with one plugin installed, and beside it files that nobody may touch. */
async function withTrap(run: (trap: Trap) => Promise<void>): Promise<void> {
  await withTempFolder(async folder => {
    const [dataFolder, canary, upload] = ['data', 'canary', 'upload'].map(name => join(folder, name)) as [
      string,
      string,
      string,
    ]
    await writeFiles(canary, {precious: 'untouched', 'deep/er': 'untouched'})
    await mkdir(upload)
    await mkdir(dataFolder)
    const good = join(upload, 'good.fp')
    await writeFile(good, sampleZip())
    await installBundle(good, {dataFolder, limits: LIMITS})
    await run({dataFolder, canary, upload, describeAll: () => describeTree(folder)})
  })
}

for (const hostile of HOSTILE_ZIPS) {
  test(`${hostile.title} is refused with ${hostile.code} and leaves nothing behind`, () =>
    deadline(20_000, () => withTrap(trap => requireRefusal(hostile, trap))))
}

async function requireRefusal(hostile: Hostile, trap: Trap): Promise<void> {
  const file = join(trap.upload, 'hostile.fp')
  await writeFile(file, hostile.build(trap.canary))
  const before = await trap.describeAll()
  const refused = await installBundle(file, {dataFolder: trap.dataFolder, limits: LIMITS}).catch(error => error)
  const codes = (listProblems(refused) ?? [`not refused: ${refused}`]).map(problem =>
    typeof problem === 'string' ? problem : problem.code,
  )
  assert.equal([...new Set(codes)], [hostile.code])
  assert.is(refused.code, 'BUNDLE_REFUSED')
  assert.equal(await trap.describeAll(), before)
}

test('checking refuses with the same problems as installing', () =>
  deadline(20_000, () =>
    withTrap(async ({upload, dataFolder, canary}) => {
      const file = join(upload, 'hostile.fp')
      await writeFile(file, HOSTILE_ZIPS.find(({code}) => code === 'ENTRY_LINK')?.build(canary) ?? '')
      const refused = await installBundle(file, {dataFolder, limits: LIMITS}).catch(error => error)
      assert.equal((await verifyBundle(file, LIMITS)).problems, listProblems(refused))
    }),
  ))

/** Negative controls: what the extractor does with the same bytes when nobody checks them first. */
async function extractUnchecked(title: string, trap: Trap): Promise<string> {
  const file = join(trap.upload, 'hostile.fp')
  const hostile = HOSTILE_ZIPS.find(entry => entry.title === title)
  if (!hostile) throw new Error(`Cannot find "${title}" in the corpus`)
  await writeFile(file, hostile.build(trap.canary))
  const out = join(trap.upload, 'out')
  await extractZip(file, {dir: out})
  return out
}

test('the extractor alone writes through a link to a file outside', () =>
  deadline(20_000, () =>
    withTrap(async trap => {
      await extractUnchecked('a link to a file and then a file of its name', trap)
      assert.is((await readFiles(trap.canary)).precious, 'overwritten')
    }),
  ))

for (const title of [
  'a checksum that is wrong everywhere',
  'an entry that no record lists',
  'another local name',
  'fifty entries that share one kernel',
  'bytes between entries',
  'a name twice',
  'a bomb of one file',
  'a Zip64 extra field in the local header alone',
]) {
  test(`the extractor alone takes ${title}`, () =>
    deadline(20_000, () =>
      withTrap(async trap => {
        assert.ok((await readFiles(await extractUnchecked(title, trap)))['plugin.json'])
      }),
    ))
}

test.run()
