import {existsSync} from 'node:fs'
import {HostError} from '../errors.ts'
import type {Store} from '../store/open-store.ts'
import {createKey, findKey, nextKeyFile, refuseKey, replaceKeyFile} from './key-file.ts'
import {rewrap, seal, unseal} from './seal.ts'

const CANARY = 'secretCanary'
const CANARY_PLACE = 'v1|canary|secret.key'

type SecretStore = Pick<Store, 'meta' | 'registrations' | 'sealedTexts' | 'commitNow' | 'writer'>

/** Keeps texts encrypted under the key file. */
export interface Secrets {
  /**
   * `place` is where it will be kept, `queue|<execution>`: moved elsewhere it does not open. Each place is a row of SEALED_COLUMNS
   * (host/store/sealed-texts.ts). Hand it to the store in the same turn: a rotation in between would not find it.
   */
  sealText(place: string, text: string): string
  /** Throws HOST_STORE_FAILED when it was not sealed for this place, or was changed. */
  openText(place: string, sealed: string): string
  sealConfig(registration: string, text: string): string
  openConfig(registration: string, sealed: string): string
  /**
   * Wraps everything with a new key, which takes the place of the key file. It may end at any moment: until the one synced
   * transaction is done the old key fits, afterwards the new one, and the next start finds out which. Throws HOST_STORE_FAILED.
   */
  rotateKey(): {rewrapped: number}
}

/**
 * Reads the key file (made at the first start) and proves with a canary that it is the one this store was written with.
 * Throws HOST_KEY_REFUSED otherwise, and then has changed nothing.
 */
export function openSecrets(file: string, store: SecretStore): Secrets {
  let key = openKey(file, store)

  function openText(place: string, sealed: string, what = `what is sealed at "${place}"`): string {
    try {
      return unseal(key, `v1|${place}`, sealed)
    } catch (error) {
      const reason = `${what} does not open: it was changed or moved`
      throw new HostError('HOST_STORE_FAILED', {reason: `${reason}\nRestore a backup`}, error)
    }
  }
  const sealText = (place: string, text: string): string => seal(key, `v1|${place}`, text)

  return {
    sealText,
    openText: (place, sealed) => openText(place, sealed),
    sealConfig: (registration, text) => sealText(`registration|${registration}`, text),
    openConfig: (registration, sealed) =>
      openText(`registration|${registration}`, sealed, `the configuration of registration "${registration}"`),
    rotateKey() {
      const tidy = (): unknown => findKey(file, candidate => opensCanary(candidate, store))
      tidy()
      // Texts on their way to the disk are still wrapped with the old key.
      store.writer.flush()
      const keys = {from: key, to: createKey(nextKeyFile(file))}
      const rewrapped = orTidy(tidy, () =>
        store.commitNow(() => {
          store.meta.set(CANARY, seal(keys.to, CANARY_PLACE, CANARY))
          return store.sealedTexts.rewrite((place, sealed) => rewrapAt(place, sealed, keys))
        }),
      )
      key = keys.to
      replaceKeyFile(file)
      return {rewrapped}
    },
  }
}

function rewrapAt(place: string, sealed: string, keys: {from: Uint8Array; to: Uint8Array}): string {
  try {
    return rewrap(keys, `v1|${place}`, sealed)
  } catch (error) {
    const reason = `what is sealed at "${place}" does not open: it was changed or moved`
    throw new HostError('HOST_STORE_FAILED', {reason: `${reason}\nThe key stays what it was`}, error)
  }
}

function orTidy<T>(tidy: () => unknown, work: () => T): T {
  try {
    return work()
  } catch (error) {
    tidy()
    throw error
  }
}

function openKey(file: string, store: SecretStore): Uint8Array {
  const proven = store.meta.get(CANARY) !== undefined
  if (proven) return findKey(file, key => opensCanary(key, store))
  if (store.registrations.list().length > 0) refuseKey(file, 'the store has lost the proof that this is its key')
  if (!existsSync(file)) createKey(file)
  const key = findKey(file, () => true)
  store.meta.set(CANARY, seal(key, CANARY_PLACE, CANARY))
  return key
}

function opensCanary(key: Uint8Array, {meta}: SecretStore): boolean {
  try {
    return unseal(key, CANARY_PLACE, meta.get(CANARY) ?? '') === CANARY
  } catch {
    return false
  }
}
