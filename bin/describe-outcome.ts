import type {AppliedEffect, Outcome} from '../host/index.ts'

/** An outcome for people: what it came to, what it gave, what it changed. */
export function describeOutcome(
  outcome: Pick<Outcome, 'output' | 'effects' | 'message' | 'error' | 'attempts' | 'durationMs' | 'execution'> & {
    status: string
  },
): string {
  const {execution, status, output, effects, message, error, attempts, durationMs} = outcome
  const tries = attempts > 1 ? `, ${attempts} attempts` : ''
  const lines = [`${status} (${Math.round(durationMs)} ms${tries})  ${execution}`]
  if (message) lines.push(message)
  if (error) lines.push(`${error.code} ${error.message}`)
  if (error?.hint) lines.push(`  ${error.hint}`)
  if (output !== null) lines.push(JSON.stringify(output, null, 2))
  return [...lines, ...effects.map(describeEffect)].join('\n')
}

function describeEffect({effect: {op, ...effect}, status, error}: AppliedEffect): string {
  return `${status.padEnd(7)} ${op} ${JSON.stringify(effect)}${error ? `: ${error.message}` : ''}`
}
