const ID = /^[a-z0-9]+([.-][a-z0-9]+)*$/
const LONGEST_ID = 100
const LONGEST_NAME = 200

/** An id given by hand. `refuse` throws. */
export function checkId(id: unknown, refuse: (reason: string) => never): string {
  if (typeof id === 'string' && id.length <= LONGEST_ID && ID.test(id)) return id
  return refuse('its id must be lower-case letters and digits, parted by single dots or hyphens')
}

/** A name for people, trimmed. */
export function checkName(name: unknown, refuse: (reason: string) => never): string {
  const trimmed = typeof name === 'string' ? name.trim() : ''
  if (trimmed !== '' && trimmed.length <= LONGEST_NAME) return trimmed
  return refuse(`its name must have 1 to ${LONGEST_NAME} characters`)
}

/** What is given takes the place of what was; a key that is undefined says nothing. */
export function mergeChange<T extends object>(before: T, change: Partial<T>): T {
  const given = Object.entries(change).filter(([, value]) => value !== undefined)
  return {...before, ...Object.fromEntries(given)}
}
