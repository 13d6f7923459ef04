import {createHash} from 'node:crypto'
import {constants, createWriteStream} from 'node:fs'
import {chmod, copyFile, rm} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import {pipeline} from 'node:stream/promises'
import type {BackupReport} from '../../host/index.ts'
import {type Client, createClient} from '../client.ts'
import {Failure} from '../failure.ts'
import {declareServer, findDataFolder, type ServerOptions} from '../find-server.ts'
import {renderBytes, renderTable, renderTime} from '../render-table.ts'
import type {Result, Verb} from '../verb.ts'

interface Options extends ServerOptions {
  out?: string
  withKey?: boolean
  list?: boolean
}

/** `backup` */
export const backup: Verb<[], Options> = {
  declare: command =>
    declareServer(
      command
        .option('-o, --out <file>', 'bring it here, and leave none in the server’s data folder')
        .option('--with-key', 'also copy the key file beside it; only on the server’s machine')
        .option('--list', 'list those in the server’s data folder instead'),
    ),

  async run({options, print, signal}) {
    const client = await createClient(options)
    if (options.list) return list(client, signal)
    print.progress('Backing up')
    const made = await client.call('createBackup', {signal})
    const path = options.out === undefined ? made.path : resolve(options.out)
    if (options.out !== undefined) await bring(client, made, path, signal)
    const keyFile = options.withKey ? await copyKey(findDataFolder(options.data), path) : undefined
    const report = {...made, path, ...(keyFile !== undefined && {keyFile})}
    const facts = `${renderBytes(made.bytes)}, ${made.files} files, ${made.tookMs} ms`
    const key = keyFile === undefined ? [] : [`its key: ${keyFile}: keep it apart from the backup`]
    return {data: report, text: [path, facts, `sha256 ${made.sha256}`, ...key].join('\n')}
  },
}

async function list(client: Client, signal: AbortSignal): Promise<Result> {
  const {items} = await client.call('listBackups', {signal})
  const rows = items.map(({name, createdAt, bytes}) => [name, renderTime(createdAt), renderBytes(bytes)])
  return {data: items, text: renderTable(['NAME', 'MADE', 'SIZE'], rows, 'There is none')}
}

/** Takes it over byte for byte; one that does not arrive whole is not left there. */
async function bring(client: Client, {name, sha256}: BackupReport, path: string, signal: AbortSignal): Promise<void> {
  const hash = createHash('sha256')
  const body = await client.open('getBackup', {params: {bid: name}, signal})
  const file = createWriteStream(path, {flags: 'wx', mode: 0o600, flush: true})
  let isOurs = false
  file.once('open', () => {
    isOurs = true
  })
  try {
    await pipeline(async function* () {
      for await (const chunk of body) {
        hash.update(chunk)
        yield chunk
      }
    }, file)
    if (hash.digest('hex') !== sha256) throw new Error('it did not arrive whole')
  } catch (error) {
    if (isOurs) await rm(path, {force: true})
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST'
    const state = exists ? 'there is a file of this name' : (error as Error).message
    throw new Failure(
      'FILE_UNWRITABLE',
      `Cannot write the backup to "${path}": ${state}`,
      `It is still on the server: ${name}`,
    )
  }
  await client.call('removeBackup', {params: {bid: name}, signal})
}

/** The key never leaves the server over HTTP: whoever may read its file may copy it. */
async function copyKey(folder: string, path: string): Promise<string> {
  const target = `${path}.key`
  try {
    await copyFile(join(folder, 'secret.key'), target, constants.COPYFILE_EXCL)
    await chmod(target, 0o400)
    return target
  } catch (error) {
    const remedy = 'Run this on the server’s machine, as the user it runs as, with --data'
    throw new Failure('FILE_UNWRITABLE', `Cannot copy the key to "${target}": ${(error as Error).message}`, remedy)
  }
}
