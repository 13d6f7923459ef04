import {cp, mkdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {buildBundle} from '../../host/index.ts'
import type {ActionSettings, Manifest} from '../../host/manifest.ts'
import {ROOT} from './fixture-process.ts'

type FixtureManifest = Partial<Omit<Manifest, 'actions'>> & {actions?: {[name: string]: Partial<ActionSettings>}}

/** A fixture plugin as a bundle, with any input and output; returns its path. */
export async function buildFixture(
  folder: string,
  fixture: string,
  {actions = {echo: {}}, ...manifest}: FixtureManifest = {},
): Promise<string> {
  const name = `${manifest.id ?? fixture}-${manifest.version ?? '1.0.0'}`
  const source = join(folder, 'source', name)
  await mkdir(source, {recursive: true})
  await cp(join(ROOT, 'test/fixtures/plugins', `${fixture}.cjs`), join(source, 'main.cjs'))
  const whole: Manifest = {
    fp: 1,
    id: fixture,
    version: '1.0.0',
    name: fixture,
    summary: 'A fixture',
    kinds: ['action'],
    ...(!manifest.process?.command && {entry: 'main.cjs'}),
    ...manifest,
    actions: Object.fromEntries(
      Object.entries(actions).map(([key, change]) => [
        key,
        {effect: 'read', input: {}, output: {}, samples: [{title: 'any', input: null}], ...change},
      ]),
    ),
  }
  await writeFile(join(source, 'plugin.json'), JSON.stringify(whole))
  const {path} = await buildBundle(source, {out: join(folder, `${name}.fp`)})
  return path
}
