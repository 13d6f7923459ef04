import type {AppliedEffect, Fence, Outcome} from '../host/index.ts'
import type {Effect} from '../runtime/protocol.ts'

/** An outcome for people: what it came to, what it gave, what it changed. */
export function describeOutcome(
  outcome: Pick<
    Outcome,
    'output' | 'effects' | 'message' | 'error' | 'attempts' | 'durationMs' | 'execution' | 'fence'
  > & {
    status: string
  },
): string {
  const {execution, status, output, effects, message, error, attempts, durationMs, fence} = outcome
  const tries = attempts > 1 ? `, ${attempts} attempts` : ''
  const lines = [`${status} (${Math.round(durationMs)} ms${tries})  ${execution}`]
  if (fence) lines.push(FENCES[fence])
  // A failed one has its error's words for a message.
  if (message && message !== error?.message) lines.push(message)
  if (error) lines.push(`${error.code} ${error.message}`)
  if (error?.hint) lines.push(`  ${error.hint}`)
  if (error?.stack) lines.push(error.stack)
  if (output !== null) lines.push(JSON.stringify(output, null, 2))
  return [...lines, ...effects.map(describeEffect)].join('\n')
}

const FENCES: {[fence in Fence]: string} = {
  native: 'dry run, native: the plugin promises to have changed nothing',
  sealed: 'dry run, sealed: it ran without network, other programs and writing calls to the host',
  read: 'dry run of an action that only reads: it ran as it is',
}

/** One effect: what came of it, what it changes, and to what. */
export function describeEffect({effect, status, error, from}: AppliedEffect): string {
  const {op, target, change} = openEffect(effect)
  const asked = from ? ` (${from === 'note' ? 'note in the history' : 'of the mapping'})` : ''
  const head = `${status.padEnd(7)} ${op}${target === undefined ? '' : ` ${target}`}${asked}`
  const lines = Object.entries(change).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`)
  return [error ? `${head}: ${error.message}` : head, ...lines].join('\n')
}

/** What is changed, and to what. */
function openEffect(effect: Effect): {op: string; target: string | undefined; change: object} {
  switch (effect.op) {
    case 'request.update':
      return {op: effect.op, target: effect.request, change: effect.fields}
    case 'request.note':
      return {op: effect.op, target: effect.request, change: {text: effect.text, public: effect.public ?? false}}
    case 'request.create':
      return {op: effect.op, target: undefined, change: effect.fields}
    case 'request.attach':
      return {op: effect.op, target: effect.request, change: {artifact: effect.artifact}}
    case 'user.upsert':
      return {op: effect.op, target: undefined, change: effect.user}
    case 'asset.update':
      return {op: effect.op, target: effect.asset, change: effect.fields}
    case 'asset.upsert':
      return {op: effect.op, target: undefined, change: effect.asset}
  }
}
