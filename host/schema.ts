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

/** Returns what is wrong with the value; empty when it fits. Fills in the schema's defaults in place. */
export type Check = (value: unknown) => Problem[]

function createAjv(): Ajv2020 {
  const ajv = new Ajv2020({allErrors: false, strict: false, useDefaults: true, validateFormats: true, logger: false})
  // CommonJS default export: under nodenext the callable sits one level down.
  const add = ('default' in formats ? formats.default : formats) as (ajv: Ajv2020) => void
  add(ajv)
  for (const keyword of ANNOTATIONS) ajv.addKeyword(keyword)
  return ajv
}

/** Compiles a JSON Schema 2020-12 once. Throws an Error that names what is wrong with the schema itself. */
export function compileSchema(schema: JsonSchema): Check {
  const validate: ValidateFunction = createAjv().compile(schema)
  return value => (validate(value) ? [] : (validate.errors ?? []).map(describe))
}

function describe(error: ErrorObject): Problem {
  const params = error.params as {[key: string]: Json}
  const extra = params.additionalProperty ?? params.unevaluatedProperty
  if (typeof extra === 'string') return {pointer: `${error.instancePath}/${extra}`, message: 'is not a known key'}
  if (typeof params.missingProperty === 'string') {
    return {pointer: `${error.instancePath}/${params.missingProperty}`, message: 'is required'}
  }
  const allowed = error.keyword === 'enum' ? `: ${JSON.stringify(params.allowedValues)}` : ''
  return {pointer: error.instancePath, message: `${error.message ?? 'is not valid'}${allowed}`}
}

/** One line for people: `/config/url is required; /input/n must be integer`. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems.map(problem => `${problem.pointer || 'the value'} ${problem.message}`).join('; ')
}
