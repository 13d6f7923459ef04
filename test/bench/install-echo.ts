import {cp, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {installBundle} from '../../host/bundle/install-bundle.ts'
import {buildBundle, loadConfig} from '../../host/index.ts'
import {describeLaunch} from '../../host/launch-spec.ts'
import type {LaunchSpec} from '../../host/process/types.ts'

const SOURCE = join(import.meta.dirname, 'echo')

/** The plugin that is called, built as `plugin-host build` does it; path of its bundle. */
export async function buildEcho(folder: string, version = '1.0.0'): Promise<string> {
  const source = join(folder, `echo-${version}`)
  await cp(SOURCE, source, {recursive: true})
  const manifest = join(source, 'plugin.json')
  await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"1.0.0"', `"${version}"`))
  return (await buildBundle(source, {out: join(folder, `echo-${version}.fp`)})).path
}

/** What it takes to start the plugin, unpacked as the server does it. */
export async function installEcho(bundle: string, dataFolder: string): Promise<LaunchSpec> {
  const {bundle: limits} = loadConfig({})
  const {id, ...installed} = await installBundle(bundle, {dataFolder, limits})
  return describeLaunch({plugin: id, ...installed}, dataFolder)
}
