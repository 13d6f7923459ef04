import {randomBytes} from 'node:crypto'
import {existsSync, readFileSync, renameSync, rmSync, statSync} from 'node:fs'
import {dirname} from 'node:path'
import {HostError} from '../errors.ts'
import {syncFolder, writeSecretFile} from './write-secret-file.ts'

const KEY_BYTES = 32

/** Where a new key lies from before anything is wrapped with it until it has taken the place of the old one. */
export function nextKeyFile(file: string): string {
  return `${file}.next`
}

/** Makes a key file; on the disk when it returns. Throws HOST_STORE_FAILED. */
export function createKey(file: string): Uint8Array {
  const key = randomBytes(KEY_BYTES)
  attempt(() => writeSecretFile(file, key))
  return key
}

/** Throws HOST_KEY_REFUSED when it is not as it must be. */
export function readKey(file: string): Uint8Array {
  const {mode} = statSync(file)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    refuseKey(file, 'others than its owner may use it', `Run: chmod 400 ${file}`)
  }
  const key = readFileSync(file)
  if (key.length !== KEY_BYTES) refuseKey(file, `it has ${key.length} bytes, not ${KEY_BYTES}`)
  return key
}

/**
 * The key that the store was last written with, told by `fits`: the key file, or the next one, when a rotation was cut off before
 * the file was replaced. Tidies up what the rotation left. Throws HOST_KEY_REFUSED when neither fits, and then has changed nothing.
 */
export function findKey(file: string, fits: (key: Uint8Array) => boolean): Uint8Array {
  const next = nextKeyFile(file)
  if (existsSync(file)) {
    const key = readKey(file)
    if (fits(key)) {
      attempt(() => rmSync(next, {force: true}))
      return key
    }
  }
  if (existsSync(next)) {
    const key = readKey(next)
    if (fits(key)) {
      replaceKeyFile(file)
      return key
    }
  }
  const missing = !existsSync(file)
  return refuseKey(file, missing ? MISSING : 'the stored secrets were written with another key')
}

const MISSING = 'it is missing and the stored secrets need it'

/** The next key becomes the key file, in one step. */
export function replaceKeyFile(file: string): void {
  attempt(() => {
    renameSync(nextKeyFile(file), file)
    syncFolder(dirname(file))
  })
}

export function refuseKey(
  path: string,
  reason: string,
  remedy = 'Restore the key file that belongs to this data folder',
): never {
  throw new HostError('HOST_KEY_REFUSED', {path, reason, remedy})
}

function attempt(work: () => void): void {
  try {
    work()
  } catch (error) {
    throw new HostError('HOST_STORE_FAILED', {reason: (error as Error).message}, error)
  }
}
