import {execFileSync} from 'node:child_process'
import {randomBytes} from 'node:crypto'
import {createWriteStream} from 'node:fs'
import {mkdir, readdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {Readable} from 'node:stream'
import {pipeline} from 'node:stream/promises'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import yazl from 'yazl'
import {installBundle} from '../../host/bundle/install-bundle.ts'
import {verifyBundle} from '../../host/bundle/verify-bundle.ts'
import {LIMITS, readFiles, sampleFiles, writeFiles} from '../support/bundle-files.ts'
import {deadline} from '../support/deadline.ts'
import {needs} from '../support/needs.ts'
import {withTempFolder} from '../support/temp.ts'
import {buildZip} from '../support/zip-builder.ts'

const test = suite('good-archives')

const FILES = {...sampleFiles(), 'assets/größe.txt': 'ä'.repeat(1000), 'assets/empty': ''}

async function requireAccepted(file: string, folder: string, files: {[name: string]: string} = FILES): Promise<void> {
  assert.equal((await verifyBundle(file, LIMITS)).problems, [])
  const dataFolder = join(folder, 'data')
  await mkdir(dataFolder, {recursive: true})
  const installed = await installBundle(file, {dataFolder, limits: LIMITS})
  assert.equal(await readFiles(installed.folder), sortKeys(files))
  assert.equal(await readdir(join(dataFolder, 'staging')), [])
}

function randomText(): string {
  return randomBytes(500_000).toString('hex')
}

function sortKeys(files: {[name: string]: string}): {[name: string]: string} {
  return Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function withSource(run: (folder: string, source: string) => Promise<void>): Promise<void> {
  return deadline(60_000, () =>
    withTempFolder(async folder => {
      const source = join(folder, 'source')
      await writeFiles(source, FILES)
      await run(folder, source)
    }),
  )
}

async function writeZip(file: string, add: (zip: yazl.ZipFile, name: string, data: Buffer) => void): Promise<void> {
  const zip = new yazl.ZipFile()
  for (const [name, data] of Object.entries(FILES)) add(zip, name, Buffer.from(data))
  zip.end()
  await pipeline(zip.outputStream, createWriteStream(file))
}

test('a zip of yazl from buffers is accepted', () =>
  withSource(async folder => {
    const file = join(folder, 'plugin.fp')
    await writeZip(file, (zip, name, data) => zip.addBuffer(data, name))
    await requireAccepted(file, folder)
  }))

test('a zip of yazl from streams, with data descriptors, is accepted', () =>
  withSource(async folder => {
    const file = join(folder, 'plugin.fp')
    await writeZip(file, (zip, name, data) => zip.addReadStream(Readable.from([data]), name))
    await requireAccepted(file, folder)
  }))

test('a zip with stored entries and folders is accepted', () =>
  withSource(async folder => {
    const file = join(folder, 'plugin.fp')
    const zip = new yazl.ZipFile()
    zip.addEmptyDirectory('assets')
    for (const [name, data] of Object.entries(FILES)) zip.addBuffer(Buffer.from(data), name, {compress: false})
    zip.end()
    await pipeline(zip.outputStream, createWriteStream(file))
    await requireAccepted(file, folder)
  }))

// The extractor's zip reader never came to an end with these up to its version 3.3, which package.json overrides.
test('a zip with entries that take many reads is accepted', () =>
  withSource(async folder => {
    const files = {...sampleFiles(), stored: randomText(), deflated: randomText()}
    const specs = Object.entries(files).map(([name, data]) => ({name, data, method: name === 'stored' ? 0 : 8}))
    await writeFile(join(folder, 'plugin.fp'), buildZip(specs))
    await requireAccepted(join(folder, 'plugin.fp'), folder, files)
  }))

const withPython = needs(test, {program: 'python3', package: 'python3'})
withPython('a zip of Python’s zipfile is accepted', () =>
  withSource(async (folder, source) => {
    const file = join(folder, 'plugin.fp')
    execFileSync('python3', ['-m', 'zipfile', '-c', file, ...(await readdir(source))], {cwd: source})
    await requireAccepted(file, folder)
  }),
)

const withZip = needs(test, {program: 'zip', package: 'zip'})
withZip('a zip of Info-ZIP is accepted', () =>
  withSource(async (folder, source) => {
    const file = join(folder, 'plugin.zip')
    // Beyond ASCII it writes names in an extra field that other readers pass over.
    const files = sampleFiles()
    await rm(join(source, 'assets'), {recursive: true})
    await writeFiles(source, files)
    execFileSync('zip', ['-qr', file, '.'], {cwd: source})
    await requireAccepted(file, folder, files)
  }),
)

test('a tarball of npm pack is accepted', () =>
  withSource(async (folder, source) => {
    // npm leaves out empty names and adds its own package.json.
    await writeFiles(source, {'package.json': JSON.stringify({name: 'sample', version: '1.0.0'})})
    const env = {
      ...process.env,
      npm_config_cache: join(folder, 'cache'),
      npm_config_update_notifier: 'false',
      NODE_DISABLE_COMPILE_CACHE: '1',
    }
    execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {cwd: source, env, stdio: 'ignore'})
    const file = join(folder, 'sample-1.0.0.tgz')
    const installed = await installBundle(file, {dataFolder: join(folder, 'data'), limits: LIMITS})
    const {'package.json': _, ...files} = await readFiles(installed.folder)
    assert.equal(files, sortKeys(FILES))
  }))

test.run()
