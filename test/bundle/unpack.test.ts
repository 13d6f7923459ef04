import {readdir, truncate, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {listProblems} from '../../host/bundle/bundle-problems.ts'
import {unpackBundle} from '../../host/bundle/unpack.ts'
import {type VerifiedBundle, verifyBundle} from '../../host/bundle/verify-bundle.ts'
import {LIMITS, sampleSpecs, sampleZip} from '../support/bundle-files.ts'
import {deadline} from '../support/deadline.ts'
import {buildTgz} from '../support/tar-builder.ts'
import {withTempFolder} from '../support/temp.ts'
import {buildZip} from '../support/zip-builder.ts'
import {sampleTarSpecs} from './hostile-tars.ts'

const test = suite('unpack')

/** What unpacking says when what was checked is not what is unpacked. */
function unpackChanged(
  bytes: Buffer,
  change: (bundle: VerifiedBundle, file: string) => Promise<void> | void,
): Promise<string[]> {
  return deadline(20_000, () =>
    withTempFolder(async folder => {
      const file = join(folder, 'bundle')
      await writeFile(file, bytes)
      const bundle = await verifyBundle(file, LIMITS)
      assert.equal(bundle.problems, [])
      await change(bundle, file)
      const outcome: unknown = await unpackBundle(file, bundle, join(folder, 'tree')).catch(error => error)
      return listProblems(outcome)?.map(({code, message}) => `${code} ${message.split(': ')[1]}`) ?? [String(outcome)]
    }),
  )
}

function changeEntry(bundle: VerifiedBundle, path: string, change: Partial<VerifiedBundle['entries'][number]>): void {
  Object.assign(bundle.entries.find(entry => entry.path === path) ?? {}, change)
}

test('without a change there is nothing to say', async () => {
  assert.equal(await unpackChanged(sampleZip(), () => {}), ['undefined'])
  assert.equal(await unpackChanged(buildTgz(sampleTarSpecs()), () => {}), ['undefined'])
})

for (const [kind, bytes] of [
  ['zip', sampleZip()],
  ['tarball', buildTgz(sampleTarSpecs())],
] as const) {
  test(`a file of a ${kind} with other content than checked is refused`, async () => {
    const found = await unpackChanged(bytes, bundle => changeEntry(bundle, 'main.js', {sha256: '0'.repeat(64)}))
    assert.equal(found, ['UNPACK_MISMATCH its content differs'])
  })

  test(`a file of a ${kind} with another size than checked is refused`, async () => {
    const found = await unpackChanged(bytes, bundle => changeEntry(bundle, 'main.js', {bytes: 1}))
    assert.equal(found, ['UNPACK_MISMATCH it has 360 bytes and should have 1'])
  })

  test(`a file that the checked list of a ${kind} has in addition is missed`, async () => {
    const more = {path: 'more', kind: 'file', bytes: 0, sha256: '', executable: false} as const
    assert.equal(await unpackChanged(bytes, bundle => void bundle.entries.push(more)), [
      'UNPACK_MISMATCH it is missing',
    ])
  })

  test(`a ${kind} replaced between checking and unpacking is refused`, async () => {
    const found = await unpackChanged(bytes, async (bundle, file) => {
      await writeFile(
        file,
        bundle.format === 'zip' ? sampleZip({summary: 'evil'}) : buildTgz([...sampleTarSpecs().slice(1)]),
      )
    })
    assert.match(found.join(), 'UNPACK_MISMATCH')
  })
}

test('a zip that the extractor cannot read is refused', async () => {
  const found = await unpackChanged(sampleZip(), (_, file) => truncate(file, 100))
  assert.match(found.join(), 'UNPACK_FAILED')
})

test('a file that was not checked is refused', async () => {
  const bytes = buildZip([...sampleSpecs(), {name: 'extra'}])
  const found = await unpackChanged(bytes, bundle => void bundle.entries.pop())
  assert.equal(found, ['UNPACK_MISMATCH there is a file that should not be'])
})

test('a file of a tarball that was not checked is not unpacked at all', () =>
  deadline(20_000, () =>
    withTempFolder(async folder => {
      const file = join(folder, 'bundle')
      await writeFile(file, buildTgz([...sampleTarSpecs(), {name: 'package/extra'}]))
      const bundle = await verifyBundle(file, LIMITS)
      bundle.entries.pop()
      await unpackBundle(file, bundle, join(folder, 'tree'))
      assert.equal((await readdir(join(folder, 'tree'))).sort(), ['assets', 'main.js', 'plugin.json'])
    }),
  ))

test.run()
