import {mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import * as assert from 'uvu/assert'
import {listProblems} from '../../host/bundle/bundle-problems.ts'
import {installBundle} from '../../host/bundle/install-bundle.ts'
import {describeTree, LIMITS, sampleZip, writeFiles} from '../support/bundle-files.ts'
import {deadline} from '../support/deadline.ts'
import {withTempFolder} from '../support/temp.ts'
import type {Hostile} from './hostile-zips.ts'

export interface Trap {
  dataFolder: string
  /** Outside of the data folder; nobody may touch it. */
  canary: string
  /** Where bundles to install lie. */
  upload: string
  /** Everything there is, the data folder and the plugin installed in it too. */
  describeAll(): Promise<string[]>
}

/** A data folder with one plugin installed, and beside it files that nobody may touch. */
export function withTrap(run: (trap: Trap) => Promise<void>): Promise<void> {
  return deadline(30_000, () =>
    withTempFolder(async folder => {
      const [dataFolder, canary, upload] = [join(folder, 'data'), join(folder, 'canary'), join(folder, 'upload')]
      await writeFiles(canary, {precious: 'untouched', 'deep/er': 'untouched'})
      await mkdir(dataFolder)
      await writeFiles(upload, {'good.fp': sampleZip()})
      await installBundle(join(upload, 'good.fp'), {dataFolder, limits: LIMITS})
      await run({dataFolder, canary, upload, describeAll: () => describeTree(folder)})
    }),
  )
}

/** Installs a hostile bundle and requires exactly its code, and that not a single thing on disk has changed. */
export async function requireRefusal(hostile: Hostile, trap: Trap): Promise<void> {
  const file = join(trap.upload, 'hostile.fp')
  await writeFile(file, hostile.build(trap.canary))
  const before = await trap.describeAll()
  const outcome: unknown = await installBundle(file, {dataFolder: trap.dataFolder, limits: LIMITS}).catch(
    error => error,
  )
  const codes = listProblems(outcome)?.map(({code}) => code) ?? [`not refused: ${outcome}`]
  assert.equal([...new Set(codes)], [hostile.code])
  assert.equal(await trap.describeAll(), before)
}
