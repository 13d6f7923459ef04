import {createContext, Script} from 'node:vm'
import type {Json} from '../../runtime/protocol.ts'
import type {JsonSchema, Manifest} from '../manifest.ts'
import {ANNOTATIONS, type Check, compileSchema, escapePointer, formatProblems} from '../schema.ts'
import {type BundleProblem, describeProblem} from './bundle-problems.ts'
import {walkSchema} from './walk-schema.ts'

/** A schema's pattern may take for ever on a sample; there is no other way to stop a regular expression. */
const TIME_LIMIT_MS = 1000
const runScript = new Script('run()')

/** Every schema of the manifest compiles, and every sample fits its action's schemas. */
export function lintSchemas({config, actions}: Manifest): BundleProblem[] {
  const problems = config ? lintSchema(config.schema, '/config/schema').problems : []
  for (const [name, action] of Object.entries(actions)) {
    const pointer = `/actions/${escapePointer(name)}`
    const input = lintSchema(action.input, `${pointer}/input`)
    const output = lintSchema(action.output, `${pointer}/output`)
    problems.push(...input.problems, ...output.problems)
    for (const [index, sample] of action.samples.entries()) {
      const place = `${pointer}/samples/${index}`
      problems.push(...lintSample(input.check, sample.input, `${place}/input`))
      if (sample.output !== undefined) problems.push(...lintSample(output.check, sample.output, `${place}/output`))
    }
  }
  return problems
}

function lintSchema(schema: JsonSchema, pointer: string): {check?: Check; problems: BundleProblem[]} {
  const problems = [...walkSchema(schema, pointer)].flatMap(part => lintKeywords(part.schema, part.pointer))
  try {
    // An asynchronous schema compiles to a check that answers with a promise: it would accept everything.
    if (problems.some(({code}) => code === 'SCHEMA_ASYNC')) return {problems}
    return {check: limitTime(() => compileSchema(schema)), problems}
  } catch (error) {
    const slow = isTimeout(error)
    const problem = slow
      ? describeProblem('SCHEMA_TOO_SLOW', pointer)
      : describeProblem('SCHEMA_INVALID', pointer, (error as Error).message)
    return {problems: [...problems, problem]}
  }
}

function lintKeywords(schema: JsonSchema, pointer: string): BundleProblem[] {
  return Object.keys(schema).flatMap(key => {
    const place = `${pointer}/${escapePointer(key)}`
    if (key === '$async') return [describeProblem('SCHEMA_ASYNC', place)]
    const unknown = key.startsWith('x-fp-') && !ANNOTATIONS.some(known => known === key)
    return unknown ? [describeProblem('ANNOTATION_UNKNOWN', place)] : []
  })
}

function lintSample(check: Check | undefined, value: Json, place: string): BundleProblem[] {
  if (!check) return []
  try {
    // A copy, as checking fills in defaults.
    const misfits = limitTime(() => check(structuredClone(value)))
    return misfits.length > 0 ? [describeProblem('SAMPLE_INVALID', place, formatProblems(misfits))] : []
  } catch (error) {
    if (isTimeout(error)) return [describeProblem('SCHEMA_TOO_SLOW', place)]
    return [describeProblem('SAMPLE_INVALID', place, (error as Error).message)]
  }
}

function limitTime<T>(run: () => T): T {
  return runScript.runInContext(createContext({run}), {timeout: TIME_LIMIT_MS}) as T
}

function isTimeout(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
