import type {DatabaseSync} from 'node:sqlite'
import {HostError} from '../errors.ts'

/** Reads every page of the database. Throws HOST_STORE_FAILED with the first faults. */
export function checkIntegrity(db: DatabaseSync): void {
  const problems = listDamage(db)
  if (problems.length === 0) return
  const reason = `the database is damaged: ${problems.join('; ')}`
  throw new HostError('HOST_STORE_FAILED', {reason: `${reason}\nRestore a backup`})
}

/** What is wrong with its pages; empty for a sound one. */
export function listDamage(db: DatabaseSync): string[] {
  try {
    const rows = db.prepare('PRAGMA integrity_check(10)').all()
    return rows.map(row => String(row.integrity_check)).filter(line => line !== 'ok')
  } catch (error) {
    // Some damage ends the check itself.
    return [(error as Error).message]
  }
}
