/** Public shapes of who may do what, and of what was done. */
import type {JsonObject} from '../runtime/protocol.ts'

/**
 * admin: everything. operate: switch plugins, cancel, retry, replay, run schedules and scenarios. map: mappings, rules and
 * schedules. read: looking. execute: any action; `execute:<plugin>` and `execute:<registration>` only those.
 */
export const SCOPES = ['admin', 'operate', 'map', 'read', 'execute'] as const

export interface TokenInfo {
  id: string
  name: string
  scopes: string[]
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
  /** Two of one name may be active, so that one can be rotated. */
  active: boolean
}

/** `token` is shown this once and kept nowhere. */
export type NewToken = TokenInfo & {token: string}

export interface AuditEntry {
  seq: number
  at: number
  who: string
  /** The operation's name as in the OpenAPI document: `installBundle`, `updateRegistration`, ... or `<operation>.failed`. */
  action: string
  target: string
  /** Without secrets. */
  details: JsonObject
  /** SHA-256 over this entry and the hash of the one before, hex. */
  hash: string
}

export interface AuditReport {
  ok: boolean
  entries: number
  /** Sequence number of the first entry that does not fit; null when all do. */
  brokenAt: number | null
  message: string
  /** Hash of the last entry: keep it elsewhere, and a cut-off end is seen too. */
  head: string | null
}

/** One in `data/backups/`. */
export interface BackupFile {
  name: string
  /** Absolute path of the .tgz. */
  path: string
  bytes: number
  /** Milliseconds since 1970. */
  createdAt: number
}

export type BackupReport = BackupFile & {
  /** Of the .tgz, hex. */
  sha256: string
  /** How many are in it. */
  files: number
  tookMs: number
}

export interface AccessVerbs {
  listTokens(): TokenInfo[]
  /** Throws TOKEN_INVALID: an unknown scope, a third active token of one name. */
  createToken(token: {name: string; scopes: string[]; expiresAt?: number}): Promise<NewToken>
  /** A new one of the same name and scopes; the old one expires after `graceMs` (default one day). */
  rotateToken(id: string, options?: {graceMs?: number}): Promise<NewToken>
  /** It stops working at once. Throws TOKEN_NOT_FOUND, TOKEN_NEEDED: the last active one of an administrator. */
  removeToken(id: string): Promise<void>
  /** Newest first. */
  listAudit(filter?: {who?: string; action?: string; target?: string; before?: number; limit?: number}): AuditEntry[]
  /** `head` is a hash noted earlier: with it a log that was cut off or made anew is told as well. */
  verifyAudit(options?: {head?: string}): Promise<AuditReport>
  /**
   * Appends to the audit log, synced, before the change it tells of is made. Throws AUDIT_FAILED when it cannot be written: then
   * the change must not be made.
   */
  recordAudit(entry: {who: string; action: string; target: string; details?: JsonObject}): void
  /**
   * Everything a server needs to go on elsewhere, but its key and its token, while this one serves. Asked again meanwhile, both get
   * the same one. Throws BACKUP_FAILED, and then has left nothing.
   */
  backup(): Promise<BackupReport>
  /** Newest first. */
  listBackups(): Promise<BackupFile[]>
  /** Throws BACKUP_NOT_FOUND. */
  getBackup(name: string): Promise<BackupFile>
  /** Throws BACKUP_NOT_FOUND. */
  removeBackup(name: string): Promise<void>
  /** Wraps every secret with a new key. */
  rotateKey(): Promise<{rewrapped: number}>
}
