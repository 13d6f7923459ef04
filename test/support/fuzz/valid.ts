import fc from 'fast-check'
import type {Schema, SchemaValues} from '../schema-values.ts'
import {anyLike, EXAMPLES} from './examples.ts'
import {bodySchema, type Route} from './invalid.ts'
import type {FuzzRequest} from './send.ts'

export interface Amounts {
  seed: number
  runs: number
}

/** Random requests that fit the description of a route. What they come to is open; a fault of the server it must not be. */
export function listValid(route: Route, values: SchemaValues, {seed, runs: numRuns}: Amounts): FuzzRequest[] {
  const {method, path, operation} = route
  const schema = bodySchema(route)
  const query = (operation.parameters ?? []).filter(parameter => parameter.in === 'query')
  const anyQuery = fc.record(
    Object.fromEntries(query.map(({name, schema: given}) => [name, values.any(given as Schema)])),
    {
      requiredKeys: query.filter(({required}) => required).map(({name}) => name),
    },
  )
  const examples = EXAMPLES[operation.operationId ?? '']
  const anyFit = schema ? values.any(schema) : fc.constant(undefined)
  const anyBody = schema && examples ? fc.oneof(anyFit, anyLike(examples)) : anyFit
  const anyRequest = fc.tuple(anyQuery, anyBody, fc.constantFrom(...HEADERS)).map(([given, body, headers]) => {
    const search = new URLSearchParams(Object.entries(given).map(([name, value]) => [name, String(value)])).toString()
    return {
      why: 'a random one that fits',
      operation: operation.operationId ?? route.template,
      method,
      path: search === '' ? path : `${path}?${search}`,
      refused: false,
      headers: {...headers, ...(body !== undefined && {'content-type': 'application/json'})},
      ...(body !== undefined && {body: JSON.stringify(body)}),
    }
  })
  return fc.sample(anyRequest, {seed, numRuns})
}

const HEADERS: {[name: string]: string}[] = [
  {},
  {},
  {prefer: 'respond-async'},
  {prefer: 'wait=1; x, ,,=;"'},
  {'idempotency-key': 'k1'},
  {'idempotency-key': 'x'.repeat(3000)},
  {accept: 'text/html;q=0', range: 'bytes=0-1', 'if-match': '*'},
]
