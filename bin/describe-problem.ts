/** One thing wrong with a bundle or a mapping, as the host and its HTTP tell it. */
export interface PlacedProblem {
  code: string
  /** JSON pointer into plugin.json or a mapping, or an entry's name; '' is the whole. */
  place: string
  message: string
  remedy: string
}

/** `code place message — remedy`. */
export function describeProblem({code, place, message, remedy}: PlacedProblem): string {
  return `${code} ${place || '/'} ${message} — ${remedy}`
}

/** Those among an error's problems that can be told so. */
export function findPlacedProblems(details: unknown): PlacedProblem[] {
  const problems = (details as {problems?: unknown} | undefined)?.problems
  return Array.isArray(problems) ? problems.map(locate).filter(isPlaced) : []
}

/** A fault in a template is at one of its characters, counted from 1 for people. */
function locate(problem: unknown): unknown {
  const {place, pointer, at, ...others} = (problem ?? {}) as {place?: unknown; pointer?: unknown; at?: unknown}
  const character = typeof at === 'number' ? `:${at + 1}` : ''
  return {...others, place: place ?? (typeof pointer === 'string' ? `${pointer}${character}` : undefined)}
}

function isPlaced(problem: unknown): problem is PlacedProblem {
  const {code, place, message, remedy} = (problem ?? {}) as Partial<PlacedProblem>
  return [code, place, message, remedy].every(part => typeof part === 'string')
}
