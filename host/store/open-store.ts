import {chmodSync} from 'node:fs'
import {dirname} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'
import {type ArtifactTable, createArtifactTable} from './artifacts.ts'
import {type AuditTable, createAuditTable} from './audit.ts'
import {checkIntegrity} from './check-integrity.ts'
import {createDeskAssetTable, type DeskAssetTable} from './desk-assets.ts'
import {createDeskAttachmentTable, type DeskAttachmentTable} from './desk-attachments.ts'
import {createDeskFieldTable, type DeskFieldTable} from './desk-fields.ts'
import {createDeskRequestTable, type DeskRequestTable} from './desk-requests.ts'
import {createDeskUserTable, type DeskUserTable} from './desk-users.ts'
import {endInterrupted} from './end-interrupted.ts'
import {createEventTable, type EventTable} from './events.ts'
import {createExecutionRecordTable, type ExecutionRecordTable} from './execution-records.ts'
import {createExecutionTable, type ExecutionTable} from './executions.ts'
import {createGroupWriter, type GroupWriter} from './group-writer.ts'
import {createKvTable, type KvTable} from './kv.ts'
import {createMappingTable, type MappingTable} from './mappings.ts'
import {createMetaTable, type MetaTable} from './meta.ts'
import {migrate} from './migrate.ts'
import {createPluginTable, type PluginTable} from './plugins.ts'
import {createPreviousConfigTable, type PreviousConfigTable} from './previous-configs.ts'
import {createPruning, type Pruned, type Retention} from './prune-executions.ts'
import {createQueueTable, type QueueTable} from './queue.ts'
import {createRegistrationTable, type RegistrationTable} from './registrations.ts'
import {createRuleRunTable, type RuleRunTable} from './rule-runs.ts'
import {createRuleTable, type RuleTable} from './rules.ts'
import {createScheduleTable, type ScheduleTable} from './schedules.ts'
import {createSealedTexts, type SealedTexts} from './sealed-texts.ts'
import {attempt} from './statement.ts'
import {createStoredPaths, type StoredPaths} from './stored-path.ts'
import {createTokenTable, type TokenTable} from './tokens.ts'
import {createTransactions, type Transactions} from './transactions.ts'
import {createVersionTable, type VersionTable} from './versions.ts'

const BUSY_TIMEOUT_MS = 5000
/** Each page is a write of its own: with large ones the log of executions takes a sixth less time. */
const PAGE_BYTES = 16 * 1024
/** Pages after which the log is moved into the file and synced, which everything waits for: few, so that it is soon done. */
const CHECKPOINT_PAGES = 250
/** Size the WAL file is cut back to after a checkpoint, bytes. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024
const CLEAN_STOP = 'cleanStop'

export interface StoreOptions {
  clock: Clock
  /** Told what the log could not write. The default is to ignore it. */
  onError?: (error: HostError) => void
}

/** Everything the server keeps, in one SQLite file with one writer. */
export interface Store {
  /** One synced transaction around several writes; all of it or nothing. Throws HOST_STORE_FAILED. */
  commitNow: Transactions['commitNow']
  /** Inside a transaction: work that throws is undone, the rest of the transaction stays. */
  undoable: Transactions['undoable']
  /** Transactions synced to the disk since it was opened. */
  syncedCommits: Transactions['synced']
  writer: GroupWriter
  meta: MetaTable
  plugins: PluginTable
  versions: VersionTable
  registrations: RegistrationTable
  previousConfigs: PreviousConfigTable
  sealedTexts: SealedTexts
  executions: ExecutionTable
  queue: QueueTable
  records: ExecutionRecordTable
  artifacts: ArtifactTable
  kv: KvTable
  tokens: TokenTable
  audit: AuditTable
  mappings: MappingTable
  events: EventTable
  rules: RuleTable
  ruleRuns: RuleRunTable
  schedules: ScheduleTable
  deskRequests: DeskRequestTable
  deskAssets: DeskAssetTable
  deskUsers: DeskUserTable
  deskFields: DeskFieldTable
  deskAttachments: DeskAttachmentTable
  /** Deletes ended executions that are too many or too old, some at a time. */
  pruneExecutions(retention: Retention): Pruned
  /** How the server before stopped: false after a crash, and then the file has been checked. */
  readonly stoppedCleanly: boolean
  /** Executions that were left running by it; they are `unknown` now. */
  readonly interrupted: number
  /** Writes what is queued. Idempotent. */
  close(): void
}

/** Opens or makes the database, checks it after an unclean stop, brings it up to date. Throws HOST_STORE_FAILED. */
export function openStore(file: string, {clock, onError = () => {}}: StoreOptions): Store {
  const db = attempt(() => new DatabaseSync(file, {timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true}))
  try {
    // The files of the log take over its mode.
    attempt(() => chmodSync(file, 0o600))
    setPragmas(db)
    const transactions = createTransactions(db)
    migrate(db, transactions)
    const meta = createMetaTable(db)
    const stoppedCleanly = meta.get(CLEAN_STOP) !== 'false'
    if (!stoppedCleanly) checkIntegrity(db)
    meta.set(CLEAN_STOP, 'false')
    const interrupted = transactions.commitNow(() => endInterrupted(db, clock.now()))
    const writer = createGroupWriter({clock, transactions, onError})
    return {
      ...createTables(db, {writer, transactions, meta, paths: createStoredPaths(dirname(file))}),
      stoppedCleanly,
      interrupted,
    }
  } catch (error) {
    db.close()
    throw error
  }
}

type Tables = Omit<Store, 'stoppedCleanly' | 'interrupted'>

interface TableParts {
  writer: GroupWriter
  transactions: Transactions
  meta: MetaTable
  paths: StoredPaths
}

function createTables(db: DatabaseSync, {writer, transactions, meta, paths}: TableParts): Tables {
  const prune = createPruning(db)
  return {
    commitNow: transactions.commitNow,
    undoable: transactions.undoable,
    syncedCommits: transactions.synced,
    writer,
    meta,
    plugins: createPluginTable(db),
    versions: createVersionTable(db, paths),
    registrations: createRegistrationTable(db),
    previousConfigs: createPreviousConfigTable(db),
    sealedTexts: createSealedTexts(db),
    executions: createExecutionTable(db, writer),
    queue: createQueueTable(db),
    records: createExecutionRecordTable(db, writer),
    artifacts: createArtifactTable(db, writer, paths),
    kv: createKvTable(db, writer),
    tokens: createTokenTable(db, writer),
    audit: createAuditTable(db),
    mappings: createMappingTable(db),
    events: createEventTable(db),
    rules: createRuleTable(db),
    ruleRuns: createRuleRunTable(db),
    schedules: createScheduleTable(db),
    deskRequests: createDeskRequestTable(db),
    deskAssets: createDeskAssetTable(db),
    deskUsers: createDeskUserTable(db),
    deskFields: createDeskFieldTable(db),
    deskAttachments: createDeskAttachmentTable(db),
    pruneExecutions: retention => transactions.commitRelaxed(() => prune(retention)),
    close() {
      if (!db.isOpen) return
      writer.close()
      try {
        meta.set(CLEAN_STOP, 'true')
        attempt(() => db.exec('PRAGMA wal_checkpoint(TRUNCATE)'))
      } finally {
        db.close()
      }
    },
  }
}

function setPragmas(db: DatabaseSync): void {
  const pragma = (text: string): unknown => Object.values(attempt(() => db.prepare(`PRAGMA ${text}`).get()) ?? {})[0]
  // Of a new file only; an older one keeps its pages.
  pragma(`page_size = ${PAGE_BYTES}`)
  pragma('journal_mode = WAL')
  pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`)
  pragma('synchronous = FULL')
  pragma('fullfsync = ON')
  pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`)
  // Believe what the database says, not what was asked: a folder may not support WAL.
  const found = {mode: pragma('journal_mode'), synchronous: pragma('synchronous'), keys: pragma('foreign_keys')}
  if (found.mode !== 'wal' || found.synchronous !== 2 || found.keys !== 1) {
    const reason = `SQLite runs with ${JSON.stringify(found)}, not with WAL, full sync and foreign keys`
    throw new HostError('HOST_STORE_FAILED', {reason: `${reason}\nUse a folder on a local disk`})
  }
}
