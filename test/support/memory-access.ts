import {HostError} from '../../host/errors.ts'
import type {AccessVerbs, AuditEntry, BackupFile, NewToken} from '../../host/types.ts'
import {findOrRefuse} from './find-or-refuse.ts'

const NOW = 1_800_000_000_000
const SHA256 = 'a'.repeat(64)

/** What the verbs on access have written, and how to make them fail. */
export interface MemoryAccess {
  audit: AuditEntry[]
  /** Set: the audit log takes no more. */
  auditFails: boolean
  tokens: Map<string, NewToken>
  backups: Map<string, BackupFile>
}

export function createMemoryAccess(): MemoryAccess {
  return {audit: [], auditFails: false, tokens: new Map(), backups: new Map()}
}

export function accessVerbs(access: MemoryAccess): AccessVerbs {
  const {audit, tokens, backups} = access
  const verbs: AccessVerbs = {
    listTokens: () => [...tokens.values()].map(({token: _, ...info}) => info),
    async createToken({name, scopes, expiresAt = null as never}) {
      if (scopes.includes('odd')) throw new HostError('TOKEN_INVALID', {reason: 'odd'})
      const id = `t${tokens.size + 1}`
      const rest = {createdAt: NOW, expiresAt, lastUsedAt: null, active: true, token: `fph_${id}_secret`}
      tokens.set(id, {id, name, scopes, ...rest})
      return findOrRefuse(tokens, id, 'TOKEN_NOT_FOUND')
    },
    rotateToken: async id => verbs.createToken(findOrRefuse(tokens, id, 'TOKEN_NOT_FOUND') as never),
    async removeToken(id) {
      findOrRefuse(tokens, id, 'TOKEN_NOT_FOUND')
      if (tokens.size === 1) throw new HostError('TOKEN_NEEDED', {id})
      tokens.delete(id)
    },
    listAudit: ({who, action, target, before = Number.MAX_SAFE_INTEGER, limit = 100} = {}) =>
      audit
        .filter(entry => (who ?? entry.who) === entry.who && (action ?? entry.action) === entry.action)
        .filter(entry => (target ?? entry.target) === entry.target && entry.seq < before)
        .reverse()
        .slice(0, limit),
    verifyAudit: async () => ({ok: true, entries: audit.length, brokenAt: null, message: 'whole', head: null}),
    recordAudit(entry) {
      if (access.auditFails) throw new HostError('AUDIT_FAILED', {reason: 'the disk is full'})
      audit.push({details: {}, ...entry, seq: audit.length + 1, at: NOW, hash: SHA256})
    },
    async backup() {
      const name = 'plugin-host-2027-01-15T08-00-00-000Z.tgz'
      const file = {name, path: `/data/backups/${name}`, bytes: 3, createdAt: NOW}
      backups.set(name, file)
      return {...file, sha256: SHA256, files: 1, tookMs: 1}
    },
    listBackups: async () => [...backups.values()],
    getBackup: async name => findBackup(name),
    async removeBackup(name) {
      findBackup(name)
      backups.delete(name)
    },
    rotateKey: async () => ({rewrapped: 2}),
  }
  function findBackup(name: string): BackupFile {
    const found = backups.get(name)
    if (!found) throw new HostError('BACKUP_NOT_FOUND', {name})
    return found
  }
  return verbs
}
