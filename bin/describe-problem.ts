/** One thing wrong with a bundle, as the host and its HTTP tell it. */
export interface PlacedProblem {
  code: string
  /** JSON pointer into plugin.json, or an entry's name; '' is the whole. */
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
  return Array.isArray(problems) ? problems.filter(isPlaced) : []
}

function isPlaced(problem: unknown): problem is PlacedProblem {
  const {code, place, message, remedy} = (problem ?? {}) as Partial<PlacedProblem>
  return [code, place, message, remedy].every(part => typeof part === 'string')
}
