import type {Operation} from '../api-description.ts'
import type {Schema, SchemaValues} from '../schema-values.ts'
import type {FuzzRequest} from './send.ts'

export interface Route {
  method: string
  /** With {names}. */
  template: string
  /** The same with parts that are there. */
  path: string
  operation: Operation
}

const JSON_TYPE = 'application/json'
const JSON_HEADERS = {'content-type': JSON_TYPE}
const HUGE = 2 * 1024 * 1024
const DEEP = 50_000

/** Requests with something wrong, told by the route's own description. */
export function listInvalid(route: Route, values: SchemaValues): FuzzRequest[] {
  return [
    ...listBodies(route, values),
    ...listPaths(route, values),
    ...listQueries(route),
    ...listHeaders(route, values),
  ]
}

export function bodySchema({operation}: Route): Schema | undefined {
  return operation.requestBody?.content[JSON_TYPE]?.schema as Schema | undefined
}

/** A body that fits, and its headers; none where the route takes none. */
export function sampleBody(route: Route, values: SchemaValues): Pick<FuzzRequest, 'body' | 'headers'> {
  const schema = bodySchema(route)
  if (schema) return {body: JSON.stringify(values.sample(schema)), headers: JSON_HEADERS}
  const [type] = Object.keys(route.operation.requestBody?.content ?? {})
  return type === undefined ? {} : {body: 'x', headers: {'content-type': type}}
}

function listBodies(route: Route, values: SchemaValues): FuzzRequest[] {
  const {method, path} = route
  if (method === 'GET' || method === 'DELETE') return []
  const refuse = (why: string, body: string | Uint8Array, type = JSON_TYPE): FuzzRequest => ({
    ...{why, method, path, body, refused: true},
    headers: {'content-type': type},
  })
  const schema = bodySchema(route)
  // A whole body of null is none at all.
  const wrong = schema ? values.listInvalid(schema).filter(({value}) => value !== null) : []
  const takesJson = schema !== undefined || route.operation.requestBody === undefined
  return [
    ...wrong.map(({why, value}) => refuse(why, JSON.stringify(value))),
    refuse('unknown content type', '{}', 'application/x-unknown'),
    refuse('content type that is none', '{}', 'nonsense'),
    ...(takesJson ? MALFORMED.map(([why, body]) => refuse(why, body)) : []),
  ]
}

const MALFORMED: [why: string, body: string | Uint8Array][] = [
  ['half an object', '{"a":'],
  ['no JSON', 'a=1&b=2'],
  ['trailing comma', '{"a":1,}'],
  ['two documents', '{}{}'],
  ['NaN', '{"a":NaN}'],
  ['no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['a byte order mark alone', new Uint8Array([0xef, 0xbb, 0xbf])],
  ['__proto__', '{"__proto__":{"polluted":true}}'],
  ['constructor.prototype', '{"constructor":{"prototype":{"polluted":true}}}'],
  ['very deep', `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`],
  ['very deep in an object', `{"a":${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}}`],
  ['a huge string', `{"a":"${'x'.repeat(HUGE)}"}`],
]

const ODD_PARTS = [
  ...[
    '%00',
    'a%00b',
    '..%2f..%2f..%2fetc%2fpasswd',
    '%2e%2e',
    '..%5c..%5c',
    '%F0%9F%92%A9',
    '%C4%B0',
    '%0d%0ax:y',
    '%20',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '-1',
    '0',
    '1e999',
    '9999999999999999999999',
    'NaN',
    "'",
    '%25',
  ],
  ...[
    'x'.repeat(255),
    'x'.repeat(257),
    'x'.repeat(5000),
    '%ff',
    '%c0%af',
    '%zz',
    '%',
    '%u0041',
    '*',
    ':',
    ';a=b',
    '@',
    '~',
    '\\',
  ],
]

function listPaths(route: Route, values: SchemaValues): FuzzRequest[] {
  const {method, template, path} = route
  const names = template.split('/')
  const parts = path.split('/')
  return names.flatMap((name, index) =>
    name.startsWith('{')
      ? ODD_PARTS.map(part => ({
          why: `${name} is ${part.slice(0, 30)}`,
          method,
          path: parts.with(index, part).join('/'),
          ...sampleBody(route, values),
          // Some routes make what is named in their path, under any name.
          refused: /%zz|^%$|%ff|%u0041|%c0%af/.test(part),
        }))
      : [],
  )
}

const ODD_NUMBERS = ['abc', '1e999', 'NaN', '', '0x10', '1,5', '99999999999999999999999999']

function listQueries({method, path, operation}: Route): FuzzRequest[] {
  const ask = (why: string, query: string, refused: boolean): FuzzRequest => ({
    why,
    method,
    path: `${path}?${query}`,
    refused,
  })
  const parameters = (operation.parameters ?? []).filter(parameter => parameter.in === 'query')
  const odd = parameters.flatMap(({name, schema: given}) => {
    const schema = given as Schema
    const isNumber = schema.type === 'integer' || schema.type === 'number'
    const numbers = isNumber ? ODD_NUMBERS : []
    const limits = [
      ...(schema.minimum !== undefined ? [schema.minimum - 1] : []),
      ...(isNumber && schema.maximum !== undefined ? [schema.maximum + 1] : []),
    ]
    return [
      ...numbers.map(text => ask(`${name}=${text}`, `${name}=${text}`, text === 'abc' || text === 'NaN')),
      ...(schema.type === 'integer' ? [ask(`${name}=1.5`, `${name}=1.5`, true)] : []),
      ...limits.map(limit => ask(`${name}=${limit}`, `${name}=${limit}`, true)),
      ...(schema.enum ? [ask(`${name}=nope`, `${name}=nope`, true)] : []),
      ...(schema.type === 'boolean' ? [ask(`${name}=maybe`, `${name}=maybe`, true)] : []),
      ...[
        '%00',
        '%ff',
        '__proto__',
        '%F0%9F%92%A9',
        '%ED%A0%80',
        "'%20OR%201=1",
        '%25',
        '%7B',
        '%5B%5D',
        '%7B%22a%22:1%7D',
      ].map(text => ask(`${name}=${text}`, `${name}=${text}`, false)),
      ask(`${name} twice`, `${name}=1&${name}=2`, false),
      ask(`${name} with brackets`, `${name}[__proto__]=1`, parameters.length > 0),
      ask(`${name} very long`, `${name}=${'x'.repeat(6000)}`, false),
    ]
  })
  return [...odd, ask('unknown query', 'noSuchParameter=1&__proto__=2', parameters.length > 0)]
}

function listHeaders(route: Route, values: SchemaValues): FuzzRequest[] {
  const {method, path, operation} = route
  const base = sampleBody(route, values)
  const ask = (why: string, headers: {[name: string]: string | string[]}): FuzzRequest => ({
    ...{why, method, path, refused: true},
    ...base,
    headers: {...base.headers, ...headers},
  })
  return [
    ask('another host', {host: 'evil.example'}),
    ...(operation.security?.length === 0 ? [] : [ask('no token', {authorization: ''})]),
    ask('too many headers', Object.fromEntries(Array.from({length: 80}, (_, index) => [`x-${index}`, '1']))),
    ask('a huge header', {'x-huge': 'x'.repeat(20_000)}),
  ]
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']

/** Methods that a path does not have. */
export function listWrongMethods(routes: readonly Route[]): FuzzRequest[] {
  const paths = Map.groupBy(routes, ({template}) => template)
  return [...paths.values()].flatMap(same => {
    const [{path} = {path: '/'}] = same
    const missing = METHODS.filter(method => !same.some(route => route.method === method))
    return missing.map(method => ({why: 'wrong method', method, path, refused: true}))
  })
}
