import type {Clock} from '../clock.ts'
import type {DeskStore} from './desk-records.ts'
import {SAMPLE_ASSETS} from './sample-assets.ts'
import {SAMPLE_PEOPLE} from './sample-people.ts'
import {SAMPLE_FIELDS, SAMPLE_REQUESTS} from './sample-requests.ts'

export interface SampleCounts {
  users: number
  requests: number
  assets: number
  fields: number
}

const HOUR_MS = 3_600_000
/** Between one request and the next. */
const REQUEST_GAP_MS = 7 * HOUR_MS
const OLD_MS = 400 * 24 * HOUR_MS

/** Fills an empty desk, in one transaction; null when there is something on it already, which is left as it is. */
export function fillSampleData(store: DeskStore, clock: Clock): SampleCounts | null {
  const {deskUsers, deskRequests, deskAssets, deskFields} = store
  return store.commitNow(() => {
    const tables = [deskUsers, deskRequests, deskAssets]
    if (tables.some(table => table.search({limit: 1}).total > 0)) return null
    const now = clock.now()
    const known = SAMPLE_FIELDS.filter(
      ({module, label}) => !deskFields.list(module).some(field => field.label === label),
    )
    for (const field of known) deskFields.insert(field)
    const old = {createdAt: now - OLD_MS, updatedAt: now - OLD_MS}
    for (const person of SAMPLE_PEOPLE) deskUsers.insert({...person, ...old})
    for (const asset of SAMPLE_ASSETS) deskAssets.insert({...asset, ...old})
    SAMPLE_REQUESTS.forEach((request, index) => {
      const createdAt = now - (SAMPLE_REQUESTS.length - index) * REQUEST_GAP_MS
      const touched = request.status === 'open' ? createdAt : createdAt + 2 * HOUR_MS
      const {id} = deskRequests.insert({...request, createdAt, updatedAt: touched})
      if (request.status === 'closed' || request.status === 'resolved') {
        const author = request.assignee
        deskRequests.addNote(id, {author, text: 'Done, and checked with the requester.', public: true, at: touched})
      }
    })
    return {
      users: SAMPLE_PEOPLE.length,
      requests: SAMPLE_REQUESTS.length,
      assets: SAMPLE_ASSETS.length,
      fields: known.length,
    }
  })
}
