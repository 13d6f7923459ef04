import type {DatabaseSync} from 'node:sqlite'
import {attempt} from './statement.ts'

/** Both run the work in one transaction, all of it or nothing; inside another transaction they join it. */
export interface Transactions {
  /** Synced to the disk when it returns. */
  commitNow<T>(work: () => T): T
  /** Survives a crash of the server; a power cut may take the last ones back. Costs no wait for the disk. */
  commitRelaxed<T>(work: () => T): T
  /** Inside a transaction: work that throws is undone, the rest of the transaction stays. */
  undoable<T>(work: () => T): T
  /** Synced ones so far. */
  synced(): number
}

/**
 * One connection serves both: `synchronous` is switched between transactions. A second connection would have its own page
 * cache, would have to wait for the writer's lock, and gains nothing, as every transaction here is synchronous code.
 * A later synced commit syncs the whole WAL, relaxed ones before it included, so the order of commits holds.
 */
export function createTransactions(db: DatabaseSync): Transactions {
  let synced = 0

  function transact<T>(work: () => T): T {
    if (db.isTransaction) return work()
    attempt(() => db.exec('BEGIN IMMEDIATE'))
    try {
      const result = work()
      attempt(() => db.exec('COMMIT'))
      return result
    } catch (error) {
      // A full disk has rolled back by itself already.
      if (db.isTransaction) attempt(() => db.exec('ROLLBACK'))
      throw error
    }
  }

  return {
    commitNow(work) {
      if (db.isTransaction) return work()
      const result = transact(work)
      synced++
      return result
    },
    synced: () => synced,
    undoable(work) {
      attempt(() => db.exec('SAVEPOINT part'))
      try {
        return work()
      } catch (error) {
        if (db.isTransaction) attempt(() => db.exec('ROLLBACK TO part'))
        throw error
      } finally {
        if (db.isTransaction) attempt(() => db.exec('RELEASE part'))
      }
    },
    commitRelaxed(work) {
      if (db.isTransaction) return work()
      attempt(() => db.exec('PRAGMA synchronous = NORMAL'))
      try {
        return transact(work)
      } finally {
        attempt(() => db.exec('PRAGMA synchronous = FULL'))
      }
    },
  }
}
