import type {DatabaseSync} from 'node:sqlite'
import type {Rule} from '../workflow-types.ts'
import {prepareStatement} from './statement.ts'

export interface RuleRow extends Omit<Rule, 'problems'> {
  /** Of periodic rules: the planned time of the last run. A clock set back does not bring it again. */
  plannedAt: number | null
}

/** Workflow rules. All writes join the transaction they are called in. */
export interface RuleTable {
  /** In their order. */
  list(): RuleRow[]
  find(id: string): RuleRow | undefined
  save(rule: RuleRow): void
  remove(id: string): void
}

interface Raw {
  position: number
  data: string
}

export function createRuleTable(db: DatabaseSync): RuleTable {
  const selectAll = prepareStatement<Raw>(db, 'SELECT position, data FROM rules ORDER BY position, id')
  const select = prepareStatement<Raw>(db, 'SELECT position, data FROM rules WHERE id = ?')
  const upsert = prepareStatement(
    db,
    `INSERT INTO rules (id, position, data) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET position = excluded.position, data = excluded.data`,
  )
  const remove = prepareStatement(db, 'DELETE FROM rules WHERE id = ?')
  return {
    list: () => selectAll.all().map(parseRow),
    find(id) {
      const row = select.get(id)
      return row && parseRow(row)
    },
    save: ({position, ...data}) => void upsert.run(data.id, position, JSON.stringify(data)),
    remove: id => void remove.run(id),
  }
}

function parseRow({position, data}: Raw): RuleRow {
  return {...(JSON.parse(data) as Omit<RuleRow, 'position'>), position}
}
