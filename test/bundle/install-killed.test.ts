import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdirSync} from 'node:fs'
import {mkdir, readdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {installBundle} from '../../host/bundle/install-bundle.ts'
import {emptyStaging} from '../../host/bundle/staging.ts'
import {describeTree, LIMITS, readFiles, sampleSpecs, sampleZip} from '../support/bundle-files.ts'
import {deadline} from '../support/deadline.ts'
import {withTempFolder} from '../support/temp.ts'
import {buildZip} from '../support/zip-builder.ts'

const test = suite('install-killed')
const CHILD = join(import.meta.dirname, '../fixtures/install-bundle.ts')
const FILES = 60
const SEED = Number(process.env.PLUGIN_HOST_SEED ?? Date.now() % 1e6)

const newer = buildZip([
  ...sampleSpecs({version: '2.0.0'}),
  ...Array.from({length: FILES}, (_, index) => ({name: `data/${index}`, data: `file ${index} `.repeat(200)})),
])

/** How far an install is, by what it has in staging: 0 nothing, 1 the upload, then the files it has unpacked. */
function readProgress(dataFolder: string): number {
  try {
    const staging = join(dataFolder, 'staging')
    const [install] = readdirSync(staging)
    if (install === undefined) return 0
    const names = readdirSync(join(staging, install))
    return names.includes('tree') ? 2 + readdirSync(join(staging, install, 'tree'), {recursive: true}).length : 1
  } catch {
    return 0
  }
}

/** Kills the install at the first moment it is as far as `progress`, or when it is done. */
async function killAt(child: ChildProcess, dataFolder: string, progress: number): Promise<void> {
  const exited = once(child, 'exit')
  const watch = (): void => {
    if (child.exitCode !== null || child.signalCode !== null) return
    if (readProgress(dataFolder) >= progress) child.kill('SIGKILL')
    else setImmediate(watch)
  }
  watch()
  await exited
}

async function killOneInstall(folder: string, progress: number): Promise<boolean> {
  const dataFolder = join(folder, 'data')
  await mkdir(dataFolder, {recursive: true})
  const old = await installBundle(join(folder, 'old.fp'), {dataFolder, limits: LIMITS})
  const before = await describeTree(old.folder)
  const child = spawn(process.execPath, [CHILD, dataFolder, join(folder, 'new.fp')], {stdio: 'ignore'})
  await killAt(child, dataFolder, progress)
  const cutOff = (await readdir(join(dataFolder, 'staging'))).length > 0
  await emptyStaging(dataFolder)
  assert.equal(await readdir(join(dataFolder, 'staging')), [])
  assert.equal(await describeTree(old.folder), before)
  await requireNoHalfVersion(dataFolder, cutOff)
  const installed = await installBundle(join(folder, 'new.fp'), {dataFolder, limits: LIMITS})
  assert.is(Object.keys(await readFiles(installed.folder)).length, FILES + 3)
  return cutOff
}

async function requireNoHalfVersion(dataFolder: string, cutOff: boolean): Promise<void> {
  const plugin = join(dataFolder, 'plugins/com.example.sample')
  const added = (await readdir(plugin)).filter(name => name.startsWith('2.0.0-'))
  for (const name of added) assert.is(Object.keys(await readFiles(join(plugin, name))).length, FILES + 3)
  // Cut off after the rename it may be there, but then whole.
  if (added.length === 0) assert.ok(cutOff)
}

test(`kill -9 at 20 moments of an install leaves the old version and no half of the new one (seed ${SEED})`, () =>
  deadline(200_000, async () => {
    let cutOff = 0
    for (let round = 0; round < 20; round++) {
      // The first rounds hit the upload and the first files, the last ones the comparison and the rename.
      const progress = round < 4 ? 1 + round : round > 16 ? FILES + 6 : 2 + ((SEED + round * 7919) % FILES)
      await withTempFolder(async folder => {
        await writeFile(join(folder, 'old.fp'), sampleZip())
        await writeFile(join(folder, 'new.fp'), newer)
        if (await killOneInstall(folder, progress)) cutOff++
      })
    }
    // Else nothing was interrupted, and the test has shown nothing.
    assert.ok(cutOff >= 10, `${cutOff} installs were cut off`)
  }))

test.run()
