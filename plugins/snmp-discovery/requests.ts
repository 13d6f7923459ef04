import type {Varbind as LibraryVarbind, Session} from 'net-snmp'
import type {Varbind} from './transforms.ts'

type Library = typeof import('net-snmp')

/** OIDs in one request: what fits a datagram of 484 bytes, the least that an agent must take. */
const OIDS_AT_ONCE = 16
const ROWS_AT_ONCE = 20
/** tooBig, noSuchName, genErr: one OID can spoil a request for the others. */
const SPLIT_ON = [1, 2, 5]

/** The values by OID; in as many requests as it takes. */
export async function getAll(
  library: Library,
  session: Session,
  oids: readonly string[],
): Promise<Map<string, Varbind>> {
  const found = new Map<string, Varbind>()
  for (let start = 0; start < oids.length; start += OIDS_AT_ONCE) {
    const answered = await getTolerantly(session, oids.slice(start, start + OIDS_AT_ONCE).map(normalizeOid))
    for (const varbind of answered) {
      if (!library.isVarbindError(varbind) && varbind.value !== null)
        found.set(varbind.oid, toVarbind(varbind, library))
    }
  }
  return found
}

/** Halves a request that the agent refuses as a whole, until the OID it stumbles over is alone and left out. */
async function getTolerantly(session: Session, oids: string[], resynced = false): Promise<LibraryVarbind[]> {
  try {
    return await getOnce(session, oids)
  } catch (error) {
    const {name, status = 0, message = ''} = error as {name?: string; status?: number; message?: string}
    // The agent's report brought its clock along: once more with that.
    if (!resynced && message.startsWith('Not In Time Window')) return getTolerantly(session, oids, true)
    if (name !== 'RequestFailedError' || !SPLIT_ON.includes(status)) throw error
    if (oids.length === 1) return []
    const middle = Math.ceil(oids.length / 2)
    return [
      ...(await getTolerantly(session, oids.slice(0, middle))),
      ...(await getTolerantly(session, oids.slice(middle))),
    ]
  }
}

function getOnce(session: Session, oids: string[]): Promise<LibraryVarbind[]> {
  return new Promise((resolve, reject) => {
    session.get(oids, (error, varbinds) => (error ? reject(error) : resolve(varbinds)))
  })
}

/** Everything below the OID, in order, until `visit` returns false. Rejects when the agent does not move on. */
export function walkBelow(
  library: Library,
  session: Session,
  {oid, visit}: {oid: string; visit: (varbind: Varbind) => boolean},
): Promise<void> {
  let last = normalizeOid(oid)
  let stuck = false
  // net-snmp takes the same OID again, and "no such object" instead of a next one, for progress: for ever.
  const take = (varbind: LibraryVarbind): boolean => {
    if (library.isVarbindError(varbind)) return false
    stuck = !follows(last, varbind.oid)
    last = varbind.oid
    return !stuck && (varbind.value === null || visit(toVarbind(varbind, library)))
  }
  return new Promise((resolve, reject) => {
    session.subtree(
      last,
      ROWS_AT_ONCE,
      varbinds => !varbinds.every(take),
      error => {
        if (error || stuck) reject(error ?? new Error('The agent repeats itself'))
        else resolve()
      },
    )
  })
}

function follows(oid: string, next: string): boolean {
  const [before, after] = [oid.split('.').map(Number), next.split('.').map(Number)]
  const index = after.findIndex((arc, at) => arc !== before[at])
  return index >= 0 && (index >= before.length || (after[index] ?? 0) > (before[index] ?? 0))
}

/** Without the dot in front that some tools write. */
export function normalizeOid(oid: string): string {
  return oid.replace(/^\./, '')
}

function toVarbind({oid, type, value}: LibraryVarbind, library: Library): Varbind {
  return {oid, type: library.ObjectType[type] ?? String(type), value: value as Varbind['value']}
}
