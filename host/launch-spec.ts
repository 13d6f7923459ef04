import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {grantedPermissions, processLimits} from './manifest.ts'
import type {LaunchSpec} from './process/types.ts'
import type {VersionRow} from './store/versions.ts'

/** The plugin runtime's one file: beside this module when built, under dist/ when run from source. */
export function findLoader(): string {
  const built = join(import.meta.dirname, '../runtime/loader.cjs')
  return existsSync(built) ? built : join(import.meta.dirname, '../dist/runtime/loader.cjs')
}

/** What it takes to start an installed version. */
export function describeLaunch(
  {plugin, version, folder, manifest}: Pick<VersionRow, 'plugin' | 'version' | 'folder' | 'manifest'>,
  dataFolder: string,
  inspect?: LaunchSpec['inspect'],
): LaunchSpec {
  const {command} = manifest.process ?? {}
  return {
    id: plugin,
    version,
    bundleFolder: folder,
    dataFolder: join(dataFolder, 'plugin-data', plugin),
    program: command ? {command} : {entry: manifest.entry ?? ''},
    permissions: grantedPermissions(manifest),
    limits: processLimits(manifest.process),
    actions: Object.keys(manifest.actions),
    ...(inspect && {inspect}),
  }
}
