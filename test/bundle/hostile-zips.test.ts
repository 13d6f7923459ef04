import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import extractZip from 'extract-zip'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {ARCHIVE_PROBLEMS, listProblems} from '../../host/bundle/bundle-problems.ts'
import {installBundle} from '../../host/bundle/install-bundle.ts'
import {verifyBundle} from '../../host/bundle/verify-bundle.ts'
import {LIMITS, readFiles} from '../support/bundle-files.ts'
import {HOSTILE_TARS} from './hostile-tars.ts'
import {HOSTILE_ZIPS} from './hostile-zips.ts'
import {requireRefusal, type Trap, withTrap} from './with-trap.ts'

const test = suite('hostile-zips')

for (const hostile of HOSTILE_ZIPS) {
  test(`${hostile.title} is refused with ${hostile.code} and leaves nothing behind`, () =>
    withTrap(trap => requireRefusal(hostile, trap)))
}

test('every code about archives has an archive that is refused with it', () => {
  const tried = new Set<string>([...HOSTILE_ZIPS, ...HOSTILE_TARS].map(({code}) => code))
  // These two are about what is unpacked; unpack.test.ts has them.
  const rest = Object.keys(ARCHIVE_PROBLEMS).filter(code => !tried.has(code))
  assert.equal(rest, ['UNPACK_FAILED', 'UNPACK_MISMATCH'])
})

test('checking refuses with the same problems as installing', () =>
  withTrap(async ({upload, dataFolder, canary}) => {
    const file = join(upload, 'hostile.fp')
    await writeFile(file, HOSTILE_ZIPS.find(({code}) => code === 'ENTRY_LINK')?.build(canary) ?? '')
    const refused = await installBundle(file, {dataFolder, limits: LIMITS}).catch(error => error)
    assert.equal((await verifyBundle(file, LIMITS)).problems, listProblems(refused))
  }))

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
  withTrap(async trap => {
    await extractUnchecked('a link to a file and then a file of its name', trap)
    assert.is((await readFiles(trap.canary)).precious, 'overwritten')
  }))

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
    withTrap(async trap => {
      assert.ok((await readFiles(await extractUnchecked(title, trap)))['plugin.json'])
    }))
}

test.run()
