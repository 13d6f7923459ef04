import type {FastifySchemaCompiler} from 'fastify'
import type {TSchema} from 'typebox'
import {Compile} from 'typebox/compile'
import {HostError} from './api.ts'

/**
 * Compiles a route's schema once. A body is taken as it is, and none is an empty one; only a query's text is turned into
 * numbers and booleans. Path and headers are text whatever their schema says, which is there to be read.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({schema, httpPart}) => {
  if (httpPart === 'params' || httpPart === 'headers') return () => true
  const check = Compile(schema)
  const part = httpPart === 'querystring' ? 'query' : 'body'
  return (value: unknown) => {
    const given = part === 'query' ? readQuery(schema, value) : (value ?? {})
    return check.Check(given) ? {value: given} : {error: refuse(part, check.Errors(given))}
  }
}

const NUMBER = /^-?\d+(\.\d+)?$/
const BOOLEANS: {[text: string]: boolean | undefined} = {true: true, false: false, '1': true, '0': false}

/** Text stays text where it is none of what the schema asks for, and is refused then. */
function readQuery(schema: TSchema, query: unknown): {[name: string]: unknown} {
  const {properties = {}} = schema as {properties?: {[name: string]: {type?: unknown}}}
  return Object.fromEntries(
    Object.entries(Object(query)).map(([name, text]) => {
      const type = Object.hasOwn(properties, name) ? properties[name]?.type : undefined
      if (typeof text !== 'string') return [name, text]
      if (type === 'boolean') return [name, BOOLEANS[text] ?? text]
      return [name, (type === 'integer' || type === 'number') && NUMBER.test(text) ? Number(text) : text]
    }),
  )
}

interface SchemaError {
  keyword: string
  instancePath: string
  message: string
  params: object
}

function refuse(part: string, errors: readonly SchemaError[]): HostError {
  // A refused key is told twice: as itself, and by the object that holds it.
  const told = errors.filter(error => error.keyword !== 'additionalProperties').flatMap(listProblems)
  const problems = told.slice(0, MAX_PROBLEMS).map(({pointer, message}) => ({pointer: `/${part}${pointer}`, message}))
  const reason = problems.map(({pointer, message}) => `${pointer} ${message}`).join('; ')
  return new HostError('REQUEST_INVALID', {reason, problems})
}

const MAX_PROBLEMS = 10

function listProblems({keyword, instancePath, message, params}: SchemaError): {pointer: string; message: string}[] {
  const {requiredProperties, allowedValues} = params as {requiredProperties?: string[]; allowedValues?: unknown[]}
  if (keyword === 'boolean') return [{pointer: instancePath, message: 'is not a known key'}]
  if (keyword === 'enum') return [{pointer: instancePath, message: `must be one of ${JSON.stringify(allowedValues)}`}]
  if (keyword !== 'required' || !requiredProperties) return [{pointer: instancePath, message}]
  return requiredProperties.map(name => ({pointer: `${instancePath}/${name}`, message: 'is required'}))
}
