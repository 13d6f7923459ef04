/** True for `Prefer: respond-async` (RFC 7240), alone or among other preferences; those that are not known are ignored. */
export function prefersAsync(header: string | undefined): boolean {
  if (header === undefined) return false
  return header.split(',').some(part => {
    const [name = ''] = part.split(/[;=]/, 1)
    return name.trim().toLowerCase() === 'respond-async'
  })
}
