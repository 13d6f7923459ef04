import type {DatabaseSync} from 'node:sqlite'
import type {GroupWriter} from './group-writer.ts'
import {prepareStatement} from './statement.ts'

export interface TokenRow {
  id: string
  name: string
  /** Of the token's secret part; the secret itself is kept nowhere. */
  secretSha256: Uint8Array
  scopes: string[]
  /** Milliseconds since 1970, like the others. */
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
}

export interface TokenTable {
  list(): TokenRow[]
  find(id: string): TokenRow | undefined
  insert(row: TokenRow): void
  remove(id: string): void
  /** Lets it end then; milliseconds since 1970. */
  expire(id: string, at: number): void
  /** Queued: a use is not worth a wait. */
  touch(id: string, at: number): void
}

interface Raw {
  id: string
  name: string
  secret_sha256: Uint8Array
  scopes: string
  created_at: number
  expires_at: number | null
  last_used_at: number | null
}

export function createTokenTable(db: DatabaseSync, writer: GroupWriter): TokenTable {
  const selectAll = prepareStatement<Raw>(db, 'SELECT * FROM tokens ORDER BY created_at, id')
  const select = prepareStatement<Raw>(db, 'SELECT * FROM tokens WHERE id = ?')
  const insert = prepareStatement(
    db,
    `INSERT INTO tokens (id, name, secret_sha256, scopes, created_at, expires_at, last_used_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  const remove = prepareStatement(db, 'DELETE FROM tokens WHERE id = ?')
  const expire = prepareStatement(db, 'UPDATE tokens SET expires_at = ? WHERE id = ?')
  const touch = prepareStatement(db, 'UPDATE tokens SET last_used_at = ? WHERE id = ?')
  return {
    list: () => selectAll.all().map(parseRow),
    find(id) {
      const row = select.get(id)
      return row && parseRow(row)
    },
    insert({id, name, secretSha256, scopes, createdAt, expiresAt, lastUsedAt}) {
      insert.run(id, name, secretSha256, JSON.stringify(scopes), createdAt, expiresAt, lastUsedAt)
    },
    remove: id => void remove.run(id),
    expire: (id, at) => void expire.run(at, id),
    touch: (id, at) => writer.append(() => void touch.run(at, id)),
  }
}

function parseRow(row: Raw): TokenRow {
  return {
    id: row.id,
    name: row.name,
    secretSha256: row.secret_sha256,
    scopes: JSON.parse(row.scopes) as string[],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  }
}
