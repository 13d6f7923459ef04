import {existsSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import type {Clock} from '../clock.ts'
import {HostError, isHostError} from '../errors.ts'
import {openSecrets} from '../registry/secrets.ts'
import {openTokens} from '../registry/tokens.ts'
import {writeSecretFile} from '../registry/write-secret-file.ts'
import {checkDatabase, doubtWaiting} from '../store/copy-database.ts'
import {openStore, type Store} from '../store/open-store.ts'
import type {AuditReport} from '../types.ts'
import {createAudit, verifyAudit} from './audit.ts'
import {DATABASE_FILE} from './backup-manifest.ts'

export type KeyState = 'fits' | 'missing'

interface SettleOptions {
  who: string
  clock: Clock
  /** Name of the backup. */
  source: string
  /** What is to be replaced: its key and its token are taken over where they fit. */
  oldFolder: string
  keyFile?: string
}

/**
 * Checks a restored database and makes the folder around it whole: key, token, an entry in the audit log. What waited in it when it
 * was backed up counts as begun. Throws HOST_STORE_FAILED for a damaged one, RESTORE_REFUSED for a key that does not fit.
 */
export async function settleRestored(
  folder: string,
  options: SettleOptions,
): Promise<{key: KeyState; audit: AuditReport}> {
  const database = join(folder, DATABASE_FILE)
  checkDatabase(database)
  const settled = await settle(folder, database, options)
  doubtWaiting(database)
  return settled
}

async function settle(
  folder: string,
  database: string,
  options: SettleOptions,
): Promise<{key: KeyState; audit: AuditReport}> {
  const {who, clock, source} = options
  const store = openStore(database, {clock})
  try {
    const audit = await verifyAudit(store.audit)
    const key = placeKey(folder, store, options)
    const token = placeToken(folder, store, options)
    const {recordAudit} = createAudit({store, clock, log: {info: () => {}}})
    recordAudit({who, action: 'restoreBackup', target: source, details: {token, key}})
    return {key, audit}
  } finally {
    store.close()
  }
}

function placeKey(folder: string, store: Store, {keyFile, oldFolder}: SettleOptions): KeyState {
  const source = keyFile ?? join(oldFolder, 'secret.key')
  if (!existsSync(source)) {
    if (keyFile === undefined) return 'missing'
    throw new HostError('RESTORE_REFUSED', {reason: `there is no key file "${keyFile}"`})
  }
  const file = join(folder, 'secret.key')
  writeSecretFile(file, readFileSync(source))
  try {
    openSecrets(file, store)
    return 'fits'
  } catch (error) {
    if (!isHostError(error, 'HOST_KEY_REFUSED')) throw error
    rmSync(file, {force: true})
    if (keyFile === undefined) return 'missing'
    throw new HostError('RESTORE_REFUSED', {reason: `the key file "${keyFile}" is not the one of this backup`}, error)
  }
}

/** The token of the folder before where the backup knows it, else a new one: whoever restores is an administrator here. */
function placeToken(folder: string, store: Store, {clock, oldFolder}: SettleOptions): string {
  const file = join(folder, 'token')
  const tokens = openTokens(file, {store, clock})
  const old = readText(join(oldFolder, 'token'))
  const known = tokens.authenticate(old)
  const isKept = known?.scopes.includes('admin') === true
  const name = `restored ${new Date(clock.now()).toISOString()}`
  const made = isKept ? {id: known.token ?? '', token: old} : tokens.create({name, scopes: ['admin']})
  rmSync(file, {force: true})
  writeSecretFile(file, Buffer.from(`${made.token}\n`))
  return made.id
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return ''
  }
}
