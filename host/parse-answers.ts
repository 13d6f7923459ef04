import type {Json, OptionsResult, TestResult, WireError} from '../runtime/protocol.ts'
import {HostError} from './errors.ts'
import {compileSchema, formatProblems} from './schema.ts'

const text = {type: 'string'}
const flag = {type: 'boolean'}
const checkTest = compileSchema({
  type: 'object',
  required: ['ok', 'stages'],
  properties: {
    ok: flag,
    stages: {
      type: 'array',
      maxItems: 1000,
      items: {
        type: 'object',
        required: ['name', 'ok', 'durationMs'],
        properties: {name: text, ok: flag, durationMs: {type: 'number'}, message: text},
      },
    },
    error: {
      type: 'object',
      required: ['code', 'category', 'message', 'retryable'],
      properties: {code: text, category: text, message: text, hint: text, field: text, retryable: flag},
    },
  },
})
const checkOptions = compileSchema({
  type: 'object',
  required: ['options', 'more'],
  properties: {
    options: {
      type: 'array',
      items: {type: 'object', required: ['value', 'label'], properties: {value: {}, label: text}},
    },
    more: flag,
  },
})

/** The answer to `test`, of a plugin in any language. Throws OUTPUT_INVALID. */
export function parseTestResult(plugin: string, answer: unknown): TestResult {
  const problems = checkTest(answer)
  if (problems.length > 0)
    throw new HostError('OUTPUT_INVALID', {id: plugin, reason: formatProblems(problems), problems})
  const {ok, stages, error} = answer as TestResult
  const shown = stages.map(({name, ok: passed, durationMs, message}) => ({
    name,
    ok: passed,
    durationMs,
    ...(message !== undefined && {message}),
  }))
  return {ok, stages: shown, ...(error && {error: error satisfies WireError})}
}

/** The answer to `options`. Throws OUTPUT_INVALID. */
export function parseOptions(plugin: string, answer: unknown): OptionsResult {
  const problems = checkOptions(answer)
  if (problems.length > 0)
    throw new HostError('OUTPUT_INVALID', {id: plugin, reason: formatProblems(problems), problems})
  const {options, more} = answer as OptionsResult
  return {options: options.map(({value, label}): {value: Json; label: string} => ({value, label})), more}
}
