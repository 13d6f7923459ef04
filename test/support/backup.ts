import {mkdir, readdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {create, extract} from 'tar'
import * as assert from 'uvu/assert'
import {type BackupReport, createHost, createLog, type Host, isHostError, loadConfig} from '../../host/index.ts'
import {deadline} from './deadline.ts'
import {buildFixture} from './fixture-bundle.ts'
import {withTempFolder} from './temp.ts'

/** In the configuration of the registration. */
export const SECRET = 'canary-secret-of-the-domain'
const CONFIG = {
  version: 1,
  schema: {type: 'object', properties: {url: {type: 'string'}, password: {type: 'string', 'x-fp-secret': true}}},
}

export interface BackupTest {
  /** Parent of all that the test makes. */
  folder: string
  dataFolder: string
  /** Runs with a host on that folder, and stops it. */
  serving<T>(dataFolder: string, run: (host: Host) => Promise<T>): Promise<T>
}

export function withData(run: (given: BackupTest) => Promise<void>): () => Promise<void> {
  return () =>
    deadline(
      60_000,
      withTempFolder(async folder => {
        const serving: BackupTest['serving'] = async (dataFolder, use) => {
          const config = loadConfig({dataFolder, http: {port: 0}, process: {drainMs: 1000, terminateMs: 1000}})
          const {host} = await createHost({config, log: createLog('silent')})
          try {
            return await use(host)
          } finally {
            await host.stop()
          }
        }
        await run({folder, dataFolder: join(folder, 'data'), serving}).catch(tell)
      }),
    )
}

/** The test tool cannot print errors whose details are no text. */
function tell(error: Error): never {
  throw isHostError(error) ? new Error(error.message, {cause: error.cause}) : error
}

/** A host with a plugin, a registration with a secret, an execution, a record; and a backup of it. */
export async function backUp({folder, dataFolder, serving}: BackupTest): Promise<BackupReport> {
  return serving(dataFolder, async host => {
    await host.installBundle(await buildFixture(folder, 'echo', {config: CONFIG, permissions: {}}))
    await host.updateRegistration('echo', {config: {url: 'ldap://dc1', password: SECRET}})
    await executeEcho(host, 1)
    await host.createRecord('request', {subject: 'My laptop'}, 'test')
    await mkdir(join(dataFolder, 'plugin-data/echo'), {recursive: true})
    await writeFile(join(dataFolder, 'plugin-data/echo/state.json'), '{"seen":1}')
    return host.backup()
  })
}

export async function executeEcho(host: Host, number: number): Promise<void> {
  const outcome = await host.execute({registration: 'echo', action: 'echo', input: {number}, by: 'test'})
  assert.is(outcome.status, 'succeeded')
}

/** Code and message of the refusal that it must come to. */
export async function readRefusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(isHostError(error), String(error))
  return `${error.code} ${error.message}`
}

/** Unpacks an archive, lets `change` spoil it, and packs it again. */
export async function spoilArchive(
  given: BackupTest,
  archive: string,
  change: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(given.folder, 'spoilt')
  await mkdir(folder)
  await extract({file: archive, cwd: folder})
  await change(folder)
  const file = join(given.folder, 'spoilt.tgz')
  await create({cwd: folder, file, gzip: true}, await readdir(folder))
  return file
}
