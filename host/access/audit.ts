import {setImmediate} from 'node:timers/promises'
import type {JsonObject} from '../../runtime/protocol.ts'
import type {Clock} from '../clock.ts'
import {HostError} from '../errors.ts'
import type {AuditRow, AuditTable} from '../store/audit.ts'
import type {Store} from '../store/open-store.ts'
import type {AccessVerbs, AuditEntry, AuditReport} from '../types.ts'
import {checkChain, hashEntry, renderDetails} from './audit-chain.ts'

export type AuditVerbs = Pick<AccessVerbs, 'listAudit' | 'verifyAudit' | 'recordAudit'>

interface AuditParts {
  store: Pick<Store, 'audit' | 'commitNow'>
  clock: Clock
  /** The second place each entry goes to: whoever keeps the server's log can tell when the first was rewritten. */
  log: {info(fields: object, message: string): void}
}

const DEFAULT_LIMIT = 100
const LONGEST_DETAILS = 16 * 1024
/** Entries looked at before others get their turn. */
const PAGE = 1000

/** The log of administrative changes. Nothing is ever taken out of it. */
export function createAudit({store, clock, log}: AuditParts): AuditVerbs {
  function append(text: Pick<AuditRow, 'who' | 'action' | 'target' | 'details'>): AuditRow {
    return store.commitNow(() => {
      const before = store.audit.last()
      const entry = {seq: before.seq + 1, at: clock.now(), ...text}
      const row = {...entry, hash: hashEntry(before.hash, entry)}
      store.audit.append(row)
      return row
    })
  }

  return {
    recordAudit({who, action, target, details = {}}) {
      const row = attempt(() =>
        append({who: storable(who), action, target: storable(target), details: renderWithin(details)}),
      )
      log.info({audit: {...row, details}}, 'Audit')
    },
    listAudit: ({limit = DEFAULT_LIMIT, ...filter} = {}) => store.audit.list({...filter, limit}).map(parseRow),
    verifyAudit: ({head} = {}) => verifyAudit(store.audit, head),
  }
}

/** Follows the whole chain; with `head`, a hash noted earlier, a log that was cut off or made anew is told from a whole one. */
export async function verifyAudit(table: Pick<AuditTable, 'listAfter'>, head?: string): Promise<AuditReport> {
  const chain = checkChain()
  let isHeadSeen = head === undefined
  for (;;) {
    const rows = table.listAfter(chain.entries, PAGE)
    for (const row of rows) {
      const fault = chain.next(row)
      if (fault) return {ok: false, entries: chain.entries, brokenAt: fault.at, message: fault.reason, head: null}
      isHeadSeen ||= row.hash === head
    }
    if (rows.length < PAGE) break
    await setImmediate()
  }
  const {entries} = chain
  const facts = {entries, head: chain.head || null}
  if (isHeadSeen) return {ok: true, ...facts, brokenAt: null, message: `${entries} entries, none of them changed`}
  const message = 'the noted head is not in the log: its end was cut off, or it was made anew'
  return {ok: false, ...facts, brokenAt: entries + 1, message}
}

function attempt<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new HostError('AUDIT_FAILED', {reason: (error as Error).message}, error)
  }
}

/** Text that the database gives back as it was, else the chain would seem broken. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

function renderWithin(details: JsonObject): string {
  const text = renderDetails(details)
  return text.length <= LONGEST_DETAILS ? text : renderDetails({cut: `${text.length} characters of details`})
}

function parseRow({details, ...row}: AuditRow): AuditEntry {
  return {...row, details: parseDetails(details)}
}

/** A text that somebody has damaged is shown as it is: the log must be readable just then. */
function parseDetails(text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject
  } catch {
    return {damaged: text}
  }
}
