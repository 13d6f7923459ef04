import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {JsonObject} from '../../runtime/protocol.ts'
import {type Description, listOperations, type Operation} from './api-description.ts'

const HEADER = `/**
 * Every operation of the HTTP API: what it takes and what it answers. Generated from the OpenAPI document by
 * "node test/write-client.ts"; a test holds it to that document.
 */
`

const JSON_TYPE = 'application/json'
const host = join(import.meta.dirname, '../../host')
const DECLARED = /^export (?:interface|type) (\w+)/gm

/** Names the host's public shapes go by. */
function listHostTypes(): Set<string> {
  const files = globSync('{*-types,types}.ts', {cwd: host}).map(file => readFileSync(join(host, file), 'utf8'))
  return new Set(files.flatMap(text => [...text.matchAll(DECLARED)].map(([, name]) => name ?? '')))
}

interface Components {
  known: Set<string>
  used: Set<string>
  schemas: Description['components']['schemas']
}

/** TypeScript source of `bin/operations.types.ts`. Components and titles of the document are the host's types of the same name. */
export function renderClient(description: Description): string {
  const components = {known: listHostTypes(), used: new Set<string>(), schemas: description.components.schemas}
  const typeOf = (schema: JsonObject | undefined): string => renderType(schema ?? {}, components)
  const operations = listOperations(description)
    .map(({path, method, operation}) => ({name: operation.operationId ?? '', path, method, operation}))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
  const types = operations.map(({name, operation}) => `  ${name}: ${renderOperation(operation, typeOf)}`)
  const routes = operations.map(({name, method, path, operation}) => {
    const upload = operation.requestBody && !operation.requestBody.content[JSON_TYPE] ? `, 'upload'` : ''
    return `  ${name}: ['${method.toUpperCase()}', '${path}'${upload}],`
  })
  const names = [...components.used].sort().join(', ')
  const imports = `import type {Json, JsonObject} from '../runtime/protocol.ts'\nimport type {${names}} from '../host/index.ts'\nimport type {Bytes, Upload} from './api-request.ts'\n`
  return `${HEADER}${imports}
export interface Operations {
${types.join('\n')}
}

export const ROUTES = {
${routes.join('\n')}
} as const satisfies {[name in keyof Operations]: readonly [method: string, path: string, body?: 'upload']}
`
}

function renderOperation(operation: Operation, typeOf: (schema: JsonObject | undefined) => string): string {
  const {parameters = [], requestBody, responses} = operation
  const part = (place: string): string => {
    const fields = parameters.filter(parameter => parameter.in === place)
    return `{${fields.map(({name, required, schema}) => renderField(name, required === true, typeOf(schema as JsonObject))).join('; ')}}`
  }
  const good = Object.entries(responses).filter(([status]) => status.startsWith('2'))
  const answers = [...new Set(good.map(([, answer]) => renderAnswer(answer, typeOf)))].join(' | ')
  const headers = parameters.some(parameter => parameter.in === 'header') ? `; headers: ${part('header')}` : ''
  return `{params: ${part('path')}; query: ${part('query')}; body: ${renderBody(requestBody, typeOf)}${headers}; answer: ${answers}}`
}

function renderBody(body: Operation['requestBody'], typeOf: (schema: JsonObject | undefined) => string): string {
  if (!body) return 'undefined'
  const schema = body.content[JSON_TYPE]?.schema
  if (schema) return typeOf(schema)
  const types = Object.keys(body.content).filter(type => !type.startsWith('multipart/'))
  return `Upload<${types.map(renderValue).join(' | ')}>`
}

function renderAnswer(
  answer: Operation['responses'][string] | undefined,
  typeOf: (schema: JsonObject | undefined) => string,
): string {
  const schema = answer?.content?.[JSON_TYPE]?.schema
  if (schema === undefined && Object.keys(answer?.content ?? {}).length > 0) return 'Bytes'
  return schema === undefined || schema.type === 'null' ? 'undefined' : typeOf(schema)
}

function renderField(name: string, required: boolean, type: string): string {
  const key = /^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`
  return required ? `${key}: ${type}` : `${key}?: ${type} | undefined`
}

function renderType(schema: JsonObject, components: Components): string {
  const {$ref, title, anyOf, properties, required = [], items, additionalProperties, type} = schema
  if (typeof $ref === 'string') return renderReference($ref, components)
  if (typeof title === 'string' && components.known.has(title)) return use(title, components)
  if (Array.isArray(schema.enum)) return schema.enum.map(value => renderValue(value)).join(' | ')
  if (schema.const !== undefined) return renderValue(schema.const)
  if (Array.isArray(anyOf)) return anyOf.map(each => renderType(each as JsonObject, components)).join(' | ')
  if (Array.isArray(type)) return type.map(each => renderType({...schema, type: each}, components)).join(' | ')
  if (type === 'array') return `(${renderType((items ?? {}) as JsonObject, components)})[]`
  if (type === 'integer') return 'number'
  if (type !== 'object') return typeof type === 'string' ? type : 'Json'
  if (typeof properties !== 'object') {
    const values =
      typeof additionalProperties === 'object' ? renderType(additionalProperties as JsonObject, components) : ''
    return values === '' || values === 'Json' ? 'JsonObject' : `{[name: string]: ${values}}`
  }
  const fields = Object.entries(properties as {[name: string]: JsonObject}).map(([name, child]) =>
    renderField(name, (required as string[]).includes(name), renderType(child, components)),
  )
  return `{${fields.join('; ')}}`
}

function renderReference(reference: string, components: Components): string {
  const name = reference.split('/').at(-1)?.replace(/#$/, '') ?? ''
  if (!components.known.has(name)) return renderType(components.schemas[name] ?? {}, components)
  return use(name, components)
}

function use(name: string, {used}: Components): string {
  used.add(name)
  return name
}

function renderValue(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value)
}
