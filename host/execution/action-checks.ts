import type {Json} from '../../runtime/protocol.ts'
import type {ActionSettings, JsonSchema} from '../manifest.ts'
import {type Check, compileSchema} from '../schema.ts'

/** What is compiled of an action, once. */
export interface ActionChecks {
  input: Check
  output: Check
  /** The input check fills in defaults: it must be given a copy. */
  fillsInput: boolean
  /** The input has fields marked as secret. */
  hasSecrets: boolean
}

const compiled = new WeakMap<ActionSettings, ActionChecks>()

/** Cached for as long as the manifest's own object lives, so each version of a plugin has its own and old ones go by themselves. */
export function findChecks(action: ActionSettings): ActionChecks {
  const known = compiled.get(action)
  if (known) return known
  const checks = {
    input: compileSchema(action.input),
    output: compileSchema(action.output),
    fillsInput: hasKey(action.input, 'default'),
    hasSecrets: hasKey(action.input, 'x-fp-secret'),
  }
  compiled.set(action, checks)
  return checks
}

function hasKey(schema: JsonSchema, key: string): boolean {
  const waiting: Json[] = [schema]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (typeof node !== 'object' || node === null) continue
    if (Object.hasOwn(node, key)) return true
    waiting.push(...Object.values(node))
  }
  return false
}
