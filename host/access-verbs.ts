import {createAudit} from './access/audit.ts'
import {createBackups} from './access/backup.ts'
import type {Clock} from './clock.ts'
import type {Log} from './log.ts'
import type {Secrets} from './registry/secrets.ts'
import type {Tokens} from './registry/tokens.ts'
import type {Store} from './store/open-store.ts'
import type {AccessVerbs} from './types.ts'

interface AccessParts {
  dataFolder: string
  clock: Clock
  log: Log
  store: Store
  secrets: Secrets
  tokens: Tokens
}

/** The verbs on tokens, the audit log, backups and the key. */
export function createAccessVerbs({dataFolder, clock, log, store, secrets, tokens}: AccessParts): AccessVerbs {
  return {
    listTokens: () => tokens.list(),
    createToken: async token => tokens.create(token),
    rotateToken: async (id, options) => tokens.rotate(id, options),
    removeToken: async id => tokens.remove(id),
    ...createAudit({store, clock, log}),
    ...createBackups({dataFolder, clock, flush: () => store.writer.flush()}),
    rotateKey: async () => secrets.rotateKey(),
  }
}
