import {backup, DatabaseSync} from 'node:sqlite'
import {checkIntegrity} from './check-integrity.ts'
import {attempt, toStoreError} from './statement.ts'
import {createStoredPaths} from './stored-path.ts'

/** All pages in one step: then it is one moment, and writers need not start it anew. */
const ALL_PAGES = 2 ** 31 - 1
const BUSY_TIMEOUT_MS = 5000

/** Bundles and files that a database speaks of; paths absolute. */
export interface References {
  versions: {plugin: string; version: string; folder: string}[]
  artifacts: string[]
}

/**
 * Copies a database as it is at one moment, while it is written to: a reader of its own holds up no writer, and the pages are
 * copied beside the event loop. The copy is a single file. Throws HOST_STORE_FAILED.
 */
export async function copyDatabase(file: string, target: string): Promise<void> {
  const source = attempt(() => new DatabaseSync(file, {readOnly: true, timeout: BUSY_TIMEOUT_MS}))
  try {
    await backup(source, target, {rate: ALL_PAGES})
  } catch (error) {
    throw toStoreError(error)
  } finally {
    source.close()
  }
  inspect(target, db => db.exec('PRAGMA journal_mode = DELETE'))
}

/** `dataFolder` is the one that the relative paths in it are of. */
export function listReferences(file: string, dataFolder: string): References {
  const paths = createStoredPaths(dataFolder)
  return inspect(file, db => {
    const versions = db.prepare('SELECT plugin, version, folder FROM versions ORDER BY plugin, version').all()
    const artifacts = db.prepare('SELECT path FROM artifacts ORDER BY path').all()
    return {
      versions: versions.map(({plugin, version, folder}) => ({
        plugin: String(plugin),
        version: String(version),
        folder: paths.open(String(folder)),
      })),
      artifacts: artifacts.map(({path}) => paths.open(String(path))),
    }
  })
}

/** Checks every page and every reference between tables. Throws HOST_STORE_FAILED. */
export function checkDatabase(file: string): void {
  inspect(file, checkIntegrity)
}

/**
 * To be called once on a restored database: what waited in it may have been done since it was copied. So executions in the queue
 * count as begun, and are taken up only where doing it twice does no harm; events count as processed.
 */
export function doubtWaiting(file: string): void {
  inspect(file, db => db.exec('UPDATE queue SET started = 1; UPDATE events SET processed = 1'))
}

function inspect<T>(file: string, work: (db: DatabaseSync) => T): T {
  const db = attempt(() => new DatabaseSync(file, {timeout: BUSY_TIMEOUT_MS}))
  try {
    return attempt(() => work(db))
  } finally {
    db.close()
  }
}
