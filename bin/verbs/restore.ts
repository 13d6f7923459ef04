import {existsSync} from 'node:fs'
import {userInfo} from 'node:os'
import {resolve} from 'node:path'
import type {RestoreReport} from '../../host/index.ts'
import {findDataFolder} from '../find-server.ts'
import {renderBytes, renderTime} from '../render-table.ts'
import type {Verb} from '../verb.ts'

interface Options {
  data?: string
  key?: string
  replace?: boolean
}

/** `restore <file>` */
export const restore: Verb<[file: string], Options> = {
  declare: command =>
    command
      .argument('<file>', 'the backup')
      .option('--data <folder>', 'data folder to make (default: PLUGIN_HOST_DATA, else ./data)')
      .option('--key <file>', 'the key file that belongs to it (default: <file>.key if it is there)')
      .option('--replace', 'put it in the place of the folder that is there, which is kept beside'),

  async run({arguments: [file], options, print}) {
    const {restoreBackup} = await import('../../host/index.ts')
    const beside = `${resolve(file)}.key`
    const keyFile = options.key ?? (existsSync(beside) ? beside : undefined)
    print.progress('Restoring')
    const report = await restoreBackup(file, {
      dataFolder: findDataFolder(options.data),
      replace: options.replace ?? false,
      ...(keyFile !== undefined && {keyFile}),
      who: `restore by ${userInfo().username}`,
    })
    return {data: report, text: describeReport(report)}
  },
}

function describeReport({dataFolder, createdAt, files, bytes, before, key, audit}: RestoreReport): string {
  return [
    `${dataFolder}: as it was at ${renderTime(createdAt)}`,
    `${renderBytes(bytes)}, ${files} files, each as it was backed up; the database is sound`,
    `audit log: ${audit.message}`,
    key === 'fits'
      ? 'secret.key: it fits'
      : 'secret.key: missing; put the one that belongs to the backup there, or the server does not start',
    ...(before === null ? [] : [`What was there before is in ${before}: remove it when it is not needed any more`]),
  ].join('\n')
}
