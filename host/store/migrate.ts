import {readdirSync, readFileSync} from 'node:fs'
import type {DatabaseSync} from 'node:sqlite'
import {HostError} from '../errors.ts'
import {attempt} from './statement.ts'
import type {Transactions} from './transactions.ts'

const SQL_FOLDER = `${import.meta.dirname}/sql`

/** Brings the database up to the newest `sql/NNNN-*.sql`, each file in a transaction of its own. Returns the version. */
export function migrate(db: DatabaseSync, {commitNow}: Transactions): number {
  const migrations = listMigrations()
  const current = readVersion(db)
  if (current > migrations.length) {
    const reason = `it has format ${current} and this release knows ${migrations.length}`
    throw new HostError('HOST_STORE_FAILED', {reason: `${reason}\nStart the release that wrote it, or a newer one`})
  }
  for (const {version, file} of migrations.slice(current)) {
    const sql = readFileSync(`${SQL_FOLDER}/${file}`, 'utf8')
    commitNow(() => attempt(() => db.exec(`${sql}\nPRAGMA user_version = ${version}`)))
  }
  return migrations.length
}

export function readVersion(db: DatabaseSync): number {
  return attempt(() => db.prepare('PRAGMA user_version').get())?.user_version as number
}

export function listMigrations(): {version: number; file: string}[] {
  const files = readdirSync(SQL_FOLDER).filter(name => name.endsWith('.sql'))
  return files.sort().map((file, index) => {
    const version = Number.parseInt(file, 10)
    if (version !== index + 1)
      throw new HostError('HOST_STORE_FAILED', {reason: `${file} is not migration ${index + 1}`})
    return {version, file}
  })
}
