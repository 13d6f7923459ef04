import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {emptyStaging} from './bundle/staging.ts'
import type {Clock} from './clock.ts'
import type {Config} from './config.ts'
import type {Log} from './log.ts'
import {createDesk, type Desk} from './main-server/desk.ts'
import type {MainServer} from './main-server/main-server.ts'
import {openRest} from './main-server/rest/rest.ts'
import {createPluginLogs, type PluginLogs} from './plugin-logs.ts'
import {sweepRunFolder} from './process/sweep.ts'
import {type Catalog, createCatalog} from './registry/catalog.ts'
import type {Redactor} from './registry/redact.ts'
import {Registrations} from './registry/registrations.ts'
import {createSealedKv} from './registry/sealed-kv.ts'
import {openSecrets, type Secrets} from './registry/secrets.ts'
import {openTokens, type Tokens} from './registry/tokens.ts'
import type {Releasers} from './releasers.ts'
import {lockDataFolder} from './store/lock-data-folder.ts'
import {openStore, type Store} from './store/open-store.ts'

/** What the data folder holds, opened: everything that is there without a plugin running. */
export interface State {
  store: Store
  secrets: Secrets
  tokens: Tokens
  catalog: Catalog
  registrations: Registrations
  desk: Desk
  /** The desk, or another one that the settings name. */
  mainServer: MainServer
  logs: PluginLogs
  /** Where running processes are noted for the next boot. */
  runFolder: string
}

/** Takes the data folder for this server, ends and clears what one before has left, and opens what is kept. */
export async function openState(
  config: Config,
  {log, clock, releasers}: {log: Log; clock: Clock; releasers: Releasers},
): Promise<State> {
  const {dataFolder} = config
  await mkdir(dataFolder, {recursive: true, mode: 0o700})
  releasers.push(lockDataFolder(dataFolder))
  const runFolder = join(dataFolder, 'run')
  const swept = await sweepRunFolder(runFolder)
  if (swept.length > 0) log.warn({pids: swept}, 'Ended plugin processes that a server before this one has left')
  await emptyStaging(dataFolder)

  const opened = openStore(join(dataFolder, 'plugin-host.db'), {
    clock,
    onError: error => log.error(error, 'Cannot write to the store'),
  })
  releasers.push(() => opened.close())
  const secrets = openSecrets(join(dataFolder, 'secret.key'), opened)
  const redactorOf = (plugin: string): Redactor => registrations.redactorOfPlugin(plugin)
  const store = {...opened, kv: createSealedKv(opened.kv, {secrets, redactorOf})}
  const tokens = openTokens(join(dataFolder, 'token'), {store, clock})
  const catalog = createCatalog({store, clock})
  const registrations = new Registrations({store, secrets, clock, findManifest: catalog.findManifest})
  const logs = createPluginLogs({
    folder: join(dataFolder, 'logs'),
    config: config.process,
    clock,
    redactorOf,
  })
  releasers.push(() => logs.close())
  const desk = createDesk(store, clock, config.mainServer)
  const mainServer = openMainServer(config, {desk, log, clock, releasers})
  return {store, secrets, tokens, catalog, registrations, desk, mainServer, logs, runFolder}
}

function openMainServer(
  {mainServer: settings}: Config,
  {desk, log, clock, releasers}: {desk: Desk; log: Log; clock: Clock; releasers: Releasers},
): MainServer {
  if (settings.kind === 'desk') return desk
  const rest = openRest(settings, {
    clock,
    onDrift: drift => log.warn({drift}, 'Fields of the main server have changed'),
  })
  releasers.push(rest.close)
  return rest.mainServer
}
