import {HostError} from '../errors.ts'

const ID = /^[a-z0-9]+([.-][a-z0-9]+)*$/
const LONGEST = 100
const LONGEST_SLUG = 60

export function checkName(name: string): string {
  const trimmed = name.trim()
  if (trimmed === '' || trimmed.length > LONGEST) {
    throw new HostError('REQUEST_INVALID', {reason: `the name must have 1 to ${LONGEST} characters`})
  }
  return trimmed
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
