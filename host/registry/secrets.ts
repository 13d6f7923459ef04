import {randomBytes} from 'node:crypto'
import {existsSync, readFileSync, statSync} from 'node:fs'
import {HostError} from '../errors.ts'
import type {Store} from '../store/open-store.ts'
import {seal, unseal} from './seal.ts'
import {writeSecretFile} from './write-secret-file.ts'

const KEY_BYTES = 32
const CANARY = 'secretCanary'
const CANARY_PLACE = 'v1|canary|secret.key'

/** Keeps configurations encrypted under the key file. */
export interface Secrets {
  sealConfig(registration: string, text: string): string
  /** Throws HOST_STORE_FAILED when it was not sealed for this registration, or was changed. */
  openConfig(registration: string, sealed: string): string
}

/**
 * Reads the key file (made at the first start) and proves with a canary that it is the one this store was written with.
 * Throws HOST_KEY_REFUSED otherwise, and then has changed nothing.
 */
export function openSecrets(file: string, store: Pick<Store, 'meta' | 'registrations'>): Secrets {
  const canary = store.meta.get(CANARY)
  const used = canary !== undefined || store.registrations.list().length > 0
  if (!existsSync(file)) {
    if (used) refuse(file, 'it is missing and the stored secrets need it')
    createKey(file)
  }
  const key = readKey(file)
  if (canary !== undefined) checkCanary(file, key, canary)
  else if (used) refuse(file, 'the store has lost the proof that this is its key')
  else store.meta.set(CANARY, seal(key, CANARY_PLACE, CANARY))

  const place = (registration: string): string => `v1|registration|${registration}`
  return {
    sealConfig: (registration, text) => seal(key, place(registration), text),
    openConfig(registration, sealed) {
      try {
        return unseal(key, place(registration), sealed)
      } catch (error) {
        const reason = `the configuration of registration "${registration}" does not open: it was changed or moved`
        throw new HostError('HOST_STORE_FAILED', {reason: `${reason}\nRestore a backup`}, error)
      }
    },
  }
}

function createKey(file: string): void {
  try {
    writeSecretFile(file, randomBytes(KEY_BYTES))
  } catch (error) {
    throw new HostError('HOST_STORE_FAILED', {reason: (error as Error).message}, error)
  }
}

function readKey(file: string): Uint8Array {
  const {mode} = statSync(file)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    refuse(file, 'others than its owner may use it', `Run: chmod 400 ${file}`)
  }
  const key = readFileSync(file)
  if (key.length !== KEY_BYTES) refuse(file, `it has ${key.length} bytes, not ${KEY_BYTES}`)
  return key
}

function checkCanary(file: string, key: Uint8Array, canary: string): void {
  try {
    if (unseal(key, CANARY_PLACE, canary) === CANARY) return
  } catch {}
  refuse(file, 'the stored secrets were written with another key')
}

function refuse(path: string, reason: string, remedy = 'Restore the key file that belongs to this data folder'): never {
  throw new HostError('HOST_KEY_REFUSED', {path, reason, remedy})
}
