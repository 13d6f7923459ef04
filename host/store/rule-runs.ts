import type {DatabaseSync} from 'node:sqlite'
import type {JsonObject} from '../../runtime/protocol.ts'
import type {Module} from '../record-types.ts'
import type {RuleAction, RuleRun} from '../workflow-types.ts'
import {prepareStatement} from './statement.ts'

export interface RuleRunRow extends RuleRun {
  /** What started it: an event, or a period and a record. The same starts a rule once. null when a person did. */
  cause: string | null
  /** What it takes to go on; null when it has ended. */
  work: RuleWork | null
}

/** As it was when the run began: the rule may change meanwhile. */
export interface RuleWork {
  actions: RuleAction[]
  module: Module
  record: JsonObject
  old: JsonObject | null
}

/** Runs of rules. All writes join the transaction they are called in. */
export interface RuleRunTable {
  save(run: RuleRunRow): void
  find(id: string): RuleRunRow | undefined
  findByCause(rule: string, cause: string): RuleRunRow | undefined
  /** The newest first. */
  list(filter: {rule?: string | null; event?: string | null; limit: number}): RuleRunRow[]
  /** The oldest first; of one rule, or of all. */
  listRunning(rule?: string): RuleRunRow[]
  /** Deletes those that ended before this time. */
  prune(before: number): void
}

interface Raw {
  data: string
}

export function createRuleRunTable(db: DatabaseSync): RuleRunTable {
  const upsert = prepareStatement(
    db,
    `INSERT INTO rule_runs (id, rule, cause, event, status, ended_at, data) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET status = excluded.status, ended_at = excluded.ended_at, data = excluded.data`,
  )
  const select = prepareStatement<Raw>(db, 'SELECT data FROM rule_runs WHERE id = ?')
  const selectByCause = prepareStatement<Raw>(db, 'SELECT data FROM rule_runs WHERE rule = ? AND cause = ?')
  const selectPage = prepareStatement<Raw>(
    db,
    'SELECT data FROM rule_runs WHERE (?1 IS NULL OR rule = ?1) AND (?2 IS NULL OR event = ?2) ORDER BY id DESC LIMIT ?3',
  )
  const selectRunning = prepareStatement<Raw>(
    db,
    `SELECT data FROM rule_runs WHERE status = 'running' AND (?1 IS NULL OR rule = ?1) ORDER BY id`,
  )
  const prune = prepareStatement(db, 'DELETE FROM rule_runs WHERE ended_at < ?')
  const parse = ({data}: Raw): RuleRunRow => JSON.parse(data) as RuleRunRow

  return {
    save(run) {
      upsert.run(run.id, run.rule, run.cause, run.event, run.status, run.endedAt, JSON.stringify(run))
    },
    find(id) {
      const row = select.get(id)
      return row && parse(row)
    },
    findByCause(rule, cause) {
      const row = selectByCause.get(rule, cause)
      return row && parse(row)
    },
    list: ({rule = null, event = null, limit}) => selectPage.all(rule, event, limit).map(parse),
    listRunning: rule => selectRunning.all(rule ?? null).map(parse),
    prune: before => void prune.run(before),
  }
}
