import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {extract} from 'tar'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {verifyBundle} from '../../host/bundle/verify-bundle.ts'
import {LIMITS, readFiles, writeFiles} from '../support/bundle-files.ts'
import {buildTgz, paxRecords} from '../support/tar-builder.ts'
import {HOSTILE_TARS, sampleTarSpecs} from './hostile-tars.ts'
import {requireRefusal, withTrap} from './with-trap.ts'

const test = suite('hostile-tars')

for (const hostile of HOSTILE_TARS) {
  test(`${hostile.title} is refused with ${hostile.code} and leaves nothing behind`, () =>
    withTrap(trap => requireRefusal(hostile, trap)))
}

test('the tar that the hostile ones spoil is sound by itself', () =>
  withTrap(async ({upload}) => {
    const file = join(upload, 'sound.tgz')
    await writeFile(file, buildTgz(sampleTarSpecs()))
    assert.equal((await verifyBundle(file, LIMITS)).problems, [])
  }))

test('an extended header may give a long name', () =>
  withTrap(async ({upload}) => {
    const file = join(upload, 'long.tgz')
    const name = `assets/${'n'.repeat(200)}`
    const header = {name: 'PaxHeader/x', type: 'x', data: paxRecords({path: `package/${name}`, mtime: '1'})}
    await writeFile(file, buildTgz([...sampleTarSpecs(), header, {name: 'package/short', data: 'long'}]))
    const {problems, entries} = await verifyBundle(file, LIMITS)
    assert.equal(problems, [])
    assert.ok(entries.some(({path}) => path === name))
  }))

// Negative controls: what the extractor does with the same bytes when nobody checks them first.
for (const title of ['a hard link', 'a symbolic link', 'a second tar after the end', 'names that differ in case']) {
  test(`the extractor alone takes ${title}`, () =>
    withTrap(async ({upload, canary}) => {
      const file = join(upload, 'hostile.tgz')
      await writeFile(file, HOSTILE_TARS.find(entry => entry.title === title)?.build(canary) ?? '')
      await writeFiles(upload, {'out/here': ''})
      await extract({file, cwd: join(upload, 'out')})
      assert.ok((await readFiles(join(upload, 'out')))['package/plugin.json'])
    }))
}

test.run()
