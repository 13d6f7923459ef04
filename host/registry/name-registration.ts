import {HostError} from '../errors.ts'

const ID = /^[a-z0-9]+([.-][a-z0-9]+)*$/
const LONGEST = 100
const LONGEST_SLUG = 60
const LONGEST_NOTES = 10_000

export function checkName(name: string): string {
  const trimmed = name.trim()
  if (trimmed === '' || trimmed.length > LONGEST) {
    throw new HostError('REQUEST_INVALID', {reason: `the name must have 1 to ${LONGEST} characters`})
  }
  return trimmed
}

/** Two of one plugin may not have one name: nobody could tell them apart in a list. */
export function refuseSameName(id: string, name: string, others: {row: {id: string; name: string}}[]): void {
  const key = name.toLowerCase()
  const twin = others.find(({row}) => row.id !== id && row.name.toLowerCase() === key)
  if (twin)
    throw new HostError('REGISTRATION_EXISTS', {id, reason: `"${twin.row.id}" of the same plugin has this name`})
}

export function checkNotes(notes: string): string {
  if (notes.length <= LONGEST_NOTES) return notes
  throw new HostError('REQUEST_INVALID', {reason: `the notes may have up to ${LONGEST_NOTES} characters`})
}

export function checkId(id: string): string {
  if (id.length <= LONGEST && ID.test(id)) return id
  throw new HostError('REQUEST_INVALID', {
    reason: `the id "${id.slice(0, LONGEST)}" must be lower-case letters and digits, parted by single dots or hyphens`,
  })
}

/** `Münster DC 2` becomes `munster-dc-2`, with a number behind it where that is taken; names without letters become `otherwise`. */
export function createId(name: string, otherwise: string, taken: {has(id: string): boolean}): string {
  const letters = name.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()
  const slug =
    letters
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, LONGEST_SLUG)
      .replaceAll(/^-|-$/g, '') || otherwise
  for (let number = 1; ; number++) {
    const id = number === 1 ? slug : `${slug}-${number}`
    if (!taken.has(id)) return id
  }
}
