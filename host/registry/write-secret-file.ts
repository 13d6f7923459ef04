import {closeSync, fsyncSync, openSync, rmSync, writeSync} from 'node:fs'
import {dirname} from 'node:path'

/** Makes a file only its owner may read, on the disk when it returns. Throws EEXIST where there is one: it is never replaced. */
export function writeSecretFile(file: string, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'wx', 0o400)
  try {
    writeSync(descriptor, bytes)
    fsyncSync(descriptor)
  } catch (error) {
    rmSync(file, {force: true})
    throw error
  } finally {
    closeSync(descriptor)
  }
  syncFolder(dirname(file))
}

export function syncFolder(folder: string): void {
  // Windows cannot open folders; its file system keeps names by itself.
  if (process.platform === 'win32') return
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
