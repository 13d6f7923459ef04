import {Ajv2020, type ErrorObject, type ValidateFunction} from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import type {Json} from '../runtime/protocol.ts'
import type {JsonSchema} from './manifest.ts'

/** One thing wrong with a value: where (JSON pointer) and what, ready to show. */
export interface Problem {
  pointer: string
  message: string
}

/** Our own annotations in a plugin's schemas; docs/manifest.md tells what each means. */
export const ANNOTATIONS = [
  'x-fp-secret',
  'x-fp-context',
  'x-fp-options',
  'x-fp-suggest',
  'x-fp-widget',
  'x-fp-when',
] as const

/** Message of the problem with a key that the schema does not have. */
export const UNKNOWN_KEY = 'is not a known key'

/** Returns what is wrong with the value; empty when it fits. Fills in the schema's defaults in place. */
export type Check = (value: unknown) => Problem[]

function createAjv(allErrors: boolean): Ajv2020 {
  const ajv = new Ajv2020({allErrors, strict: false, useDefaults: true, validateFormats: true, logger: false})
  // CommonJS default export: under nodenext the callable sits one level down.
  const add = ('default' in formats ? formats.default : formats) as (ajv: Ajv2020) => void
  add(ajv)
  for (const keyword of ANNOTATIONS) ajv.addKeyword(keyword)
  return ajv
}

/**
 * Compiles a JSON Schema 2020-12 once. Throws an Error that names what is wrong with the schema itself.
 * With `all` its check tells every problem, not only the first: for trusted schemas, as the work is not bounded.
 */
export function compileSchema(schema: JsonSchema, {all = false}: {all?: boolean} = {}): Check {
  const validate: ValidateFunction = createAjv(all).compile(schema)
  return value => (validate(value) ? [] : (validate.errors ?? []).map(describe))
}

function describe(error: ErrorObject): Problem {
  const params = error.params as {[key: string]: Json}
  const extra = params.additionalProperty ?? params.unevaluatedProperty
  if (typeof extra === 'string') return {pointer: `${error.instancePath}/${escapePointer(extra)}`, message: UNKNOWN_KEY}
  if (typeof params.missingProperty === 'string') {
    return {pointer: `${error.instancePath}/${escapePointer(params.missingProperty)}`, message: 'is required'}
  }
  const allowed = error.keyword === 'enum' ? `: ${JSON.stringify(params.allowedValues)}` : ''
  return {pointer: error.instancePath, message: `${error.message ?? 'is not valid'}${allowed}`}
}

/** A key as one part of a JSON pointer. */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** One line for people: `/config/url is required; /input/n must be integer`. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(problem => `${problem.pointer || 'the value'} ${problem.message}`).join('; ')
}
