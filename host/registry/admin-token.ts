import {existsSync, readFileSync, renameSync, rmSync} from 'node:fs'
import {dirname} from 'node:path'
import {HostError} from '../errors.ts'
import {createTokenText, parseToken, type TokenText} from './token-text.ts'
import {syncFolder, writeSecretFile} from './write-secret-file.ts'

/** Name of the token that the first start makes. */
export const ADMIN = 'admin'

/**
 * The token in the file, made there when there is no file. The file comes before the store: a server that ends in between finds
 * it at the next start and takes its token up. Throws HOST_STORE_FAILED.
 */
export function openAdminToken(file: string): TokenText {
  return attempt(() => {
    if (!existsSync(file)) {
      const made = createTokenText()
      writeSecretFile(file, Buffer.from(`${made.text}\n`))
      return made
    }
    const found = parseToken(readFileSync(file, 'utf8').trim())
    if (!found) throw new Error(`the file "${file}" holds no token\nRemove it, and a new one is made`)
    return found
  })
}

/** Id of the token in the file; undefined when there is none, or none that can be read. */
export function readTokenId(file: string): string | undefined {
  try {
    return parseToken(readFileSync(file, 'utf8').trim())?.id
  } catch {
    return undefined
  }
}

/** Puts another token into the file, in one step; undefined takes the file away. Throws HOST_STORE_FAILED. */
export function replaceTokenFile(file: string, text: string | undefined): void {
  attempt(() => {
    if (text === undefined) return rmSync(file, {force: true})
    const next = `${file}.next`
    rmSync(next, {force: true})
    writeSecretFile(next, Buffer.from(`${text}\n`))
    renameSync(next, file)
    syncFolder(dirname(file))
  })
}

function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new HostError('HOST_STORE_FAILED', {reason: (error as Error).message}, error)
  }
}
