import {DatabaseSync} from 'node:sqlite'
import {listDamage} from './check-integrity.ts'
import {listMigrations, readVersion} from './migrate.ts'
import {attempt} from './statement.ts'

export interface DatabaseFacts {
  /** What is wrong with its pages; empty for a sound one. */
  damage: string[]
  /** Number of the last migration it has, and of the last this release knows. */
  format: number
  newest: number
}

/** Looks at a database without changing anything, also while a server uses it. Throws HOST_STORE_FAILED when it is none. */
export function examineDatabase(file: string): DatabaseFacts {
  const db = attempt(() => new DatabaseSync(file, {readOnly: true, timeout: 5000}))
  try {
    return {damage: listDamage(db), format: readVersion(db), newest: listMigrations().length}
  } finally {
    db.close()
  }
}
