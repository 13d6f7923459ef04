import {chmod, mkdir, readdir, stat, symlink, writeFile} from 'node:fs/promises'
import {isAbsolute, join, relative} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {installBundle} from '../../host/bundle/install-bundle.ts'
import {listVersions, pruneVersions, removeVersion} from '../../host/bundle/installed-versions.ts'
import {removeTree} from '../../host/bundle/staging.ts'
import {HostError} from '../../host/errors.ts'
import {LIMITS, readFiles, sampleFiles, sampleSpecs, sampleZip} from '../support/bundle-files.ts'
import {deadline} from '../support/deadline.ts'
import {withTempFolder} from '../support/temp.ts'
import {buildZip, unixAttributes} from '../support/zip-builder.ts'

const test = suite('install-bundle')

interface Bench {
  folder: string
  dataFolder: string
  install(bytes: Buffer): ReturnType<typeof installBundle>
  /** What is on disk, read-only folders and all; the staging folder must be empty. */
  list(): Promise<string[]>
}

function withBench(run: (bench: Bench) => Promise<void>): Promise<void> {
  return deadline(30_000, () =>
    withTempFolder(async folder => {
      const dataFolder = join(folder, 'data')
      await mkdir(dataFolder)
      await run({
        folder,
        dataFolder,
        install: bytes => installBundle(chunks(bytes), {dataFolder, limits: LIMITS}),
        async list() {
          assert.equal(await readdir(join(dataFolder, 'staging')), [])
          const plugins = join(dataFolder, 'plugins')
          const ids = await readdir(plugins).catch(() => [])
          const versions = ids.map(async id => (await readdir(join(plugins, id))).map(name => `${id}/${name}`))
          return (await Promise.all(versions)).flat().sort()
        },
      })
    }),
  )
}

async function* chunks(bytes: Buffer, {failAt = Number.POSITIVE_INFINITY, size = 100} = {}): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) {
    if (at >= failAt) throw new Error('the client went away')
    yield bytes.subarray(at, at + size)
  }
}

const codeOf = (error: unknown): string => (error instanceof HostError ? error.code : `unexpected: ${error}`)
const failure = (work: Promise<unknown>): Promise<string> => work.then(() => 'no failure', codeOf)

test('an installed bundle is there whole, read-only, under its id, version and digest', () =>
  withBench(async ({install, list}) => {
    const script = {name: 'run.sh', data: '#!/bin/sh\n', attributes: unixAttributes(0o106777)}
    const locked = {name: 'locked/', attributes: unixAttributes(0o040000)}
    const inside = {name: 'locked/file', data: 'x', attributes: unixAttributes(0o100000)}
    const installed = await install(buildZip([...sampleSpecs(), script, locked, inside]))
    assert.equal(await list(), [`com.example.sample/1.0.0-${installed.digest.slice(0, 16)}`])
    assert.is((await readFiles(installed.folder))['main.js'], sampleFiles()['main.js'])
    const modes = ['', 'main.js', 'assets', 'run.sh', 'locked', 'locked/file'].map(async name => {
      return ((await stat(join(installed.folder, name))).mode & 0o7777).toString(8)
    })
    assert.equal(await Promise.all(modes), ['555', '444', '555', '555', '555', '444'])
    assert.ok(installed.added)
  }))

test('a relative data folder will do', () =>
  withBench(async ({dataFolder, list}) => {
    const options = {dataFolder: relative(process.cwd(), dataFolder), limits: LIMITS}
    const {folder} = await installBundle(chunks(sampleZip()), options)
    assert.ok(isAbsolute(folder))
    assert.is((await list()).length, 1)
  }))

test('the same bundle again is the same version, and not added', () =>
  withBench(async ({install, list}) => {
    const first = await install(sampleZip())
    const again = await install(sampleZip())
    assert.equal({...again, added: true}, first)
    assert.not.ok(again.added)
    assert.is((await list()).length, 1)
  }))

test('an installed bundle that was damaged on disk is put right by installing it again', () =>
  withBench(async ({install, list}) => {
    const {folder} = await install(sampleZip())
    await chmod(folder, 0o755)
    await removeTree(join(folder, 'assets'))
    assert.ok((await install(sampleZip())).added)
    assert.equal(await readFiles(folder), await readFiles((await install(sampleZip())).folder))
    assert.is((await readFiles(folder))['main.js'], sampleFiles()['main.js'])
    assert.is((await list()).length, 1)
  }))

test('another bundle with the same version is refused and the first stays', () =>
  withBench(async ({install, list}) => {
    await install(sampleZip())
    const before = await list()
    assert.is(await failure(install(sampleZip({summary: 'other'}))), 'PLUGIN_EXISTS')
    assert.equal(await list(), before)
  }))

test('eight uploads of one bundle at once make one version', () =>
  withBench(async ({install, list}) => {
    const all = await Promise.all(Array.from({length: 8}, () => install(sampleZip())))
    assert.is(all.filter(({added}) => added).length, 1)
    assert.is((await list()).length, 1)
  }))

test('of eight different bundles with one version at once exactly one is installed', () =>
  withBench(async ({install, list}) => {
    const all = Array.from({length: 8}, (_, index) => failure(install(sampleZip({summary: `number ${index}`}))))
    assert.equal((await Promise.all(all)).sort(), ['PLUGIN_EXISTS', ...Array(6).fill('PLUGIN_EXISTS'), 'no failure'])
    assert.is((await list()).length, 1)
  }))

test('an upload that breaks off at any byte leaves nothing', () =>
  withBench(async ({dataFolder, list}) => {
    const bytes = sampleZip()
    for (let failAt = 0; failAt < bytes.length; failAt += 25) {
      const source = chunks(bytes, {failAt, size: 25})
      assert.is(await failure(installBundle(source, {dataFolder, limits: LIMITS})), 'BUNDLE_UNREADABLE')
    }
    assert.equal(await list(), [])
  }))

test('an upload over the limit is given up at once and its source is closed', () =>
  withBench(async ({dataFolder, list}) => {
    let sent = 0
    let closed = false
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) {
          sent += 100
          yield Buffer.alloc(100)
        }
      } finally {
        closed = true
      }
    }
    assert.is(
      await failure(installBundle(endless(), {dataFolder, limits: {...LIMITS, maxBytes: 1000}})),
      'BUNDLE_TOO_LARGE',
    )
    assert.ok(sent <= 1200)
    assert.ok(closed)
    assert.equal(await list(), [])
  }))

test('a path that is a link, a folder, too large or nothing is refused', () =>
  withBench(async ({folder, dataFolder, list}) => {
    const file = join(folder, 'real.fp')
    await writeFile(file, sampleZip())
    await symlink(file, join(folder, 'link.fp'))
    const outcome = (name: string, maxBytes = LIMITS.maxBytes): Promise<string> =>
      failure(installBundle(join(folder, name), {dataFolder, limits: {...LIMITS, maxBytes}}))
    assert.is(await outcome('link.fp'), 'BUNDLE_UNREADABLE')
    assert.is(await outcome('data'), 'BUNDLE_UNREADABLE')
    assert.is(await outcome('nothing.fp'), 'BUNDLE_NOT_FOUND')
    assert.is(await outcome('real.fp', 10), 'BUNDLE_TOO_LARGE')
    assert.is(await outcome('real.fp'), 'no failure')
    assert.is((await list()).length, 1)
  }))

test('without twice the space it needs a bundle is refused before it is unpacked', () =>
  withBench(async ({dataFolder, list}) => {
    const bytes = Object.values(sampleFiles()).join('').length
    const withFree = (free: number): Promise<string> =>
      failure(installBundle(chunks(sampleZip()), {dataFolder, limits: LIMITS, readFreeBytes: async () => free}))
    assert.is(await withFree(2 * bytes - 1), 'HOST_STORE_FAILED')
    assert.equal(await list(), [])
    assert.is(await withFree(2 * bytes), 'no failure')
  }))

test('pruning keeps the newest versions and those in use', () =>
  withBench(async ({install, dataFolder, list}) => {
    for (const version of ['1.0.0', '1.1.0', '2.0.0-rc.1', '2.0.0']) await install(sampleZip({version}))
    const id = 'com.example.sample'
    assert.equal(await pruneVersions(dataFolder, id, {keep: 2, inUse: new Set(['1.0.0'])}), ['1.1.0'])
    const versions = (await listVersions(dataFolder, id)).map(({version}) => version)
    assert.equal(versions, ['2.0.0', '2.0.0-rc.1', '1.0.0'])
    assert.is((await list()).length, 3)
  }))

test('builds of dev push out one another, never what there is to go back to', () =>
  withBench(async ({install, dataFolder}) => {
    const versions = ['1.0.0', '1.1.0', '1.1.0-dev.1', '1.1.0-dev.2', '1.1.0-dev.3']
    for (const version of versions) await install(sampleZip({version}))
    const gone = await pruneVersions(dataFolder, 'com.example.sample', {keep: 2, inUse: new Set(['1.1.0-dev.3'])})
    assert.equal(gone, ['1.1.0-dev.1'])
  }))

test('removing the last version takes the plugin’s folder away', () =>
  withBench(async ({install, dataFolder}) => {
    await install(sampleZip())
    assert.is(await failure(removeVersion(dataFolder, 'com.example.sample', '9.9.9')), 'PLUGIN_VERSION_NOT_FOUND')
    await removeVersion(dataFolder, 'com.example.sample', '1.0.0')
    assert.equal(await readdir(join(dataFolder, 'plugins')), [])
  }))

test.run()
