import {compileSchema} from '../../host/schema.ts'
import type {JsonObject} from '../../runtime/protocol.ts'
import {deadline} from './deadline.ts'
import {type Served, withHttp} from './http.ts'

export interface Operation {
  operationId?: string
  summary?: string
  tags?: string[]
  security?: object[]
  parameters?: {name: string; in: string; required?: boolean; schema: object}[]
  requestBody?: {content: {[type: string]: {schema?: JsonObject}}}
  responses: {[status: string]: {description: string; content?: {[type: string]: {schema?: JsonObject}}}}
}
export interface Description {
  openapi: string
  info: {title: string; version: string}
  security: object[]
  paths: {[path: string]: {[method: string]: Operation}}
  components: {schemas: {[name: string]: JsonObject}; securitySchemes: object}
}

/** Runs with the OpenAPI document of a server, and with that server. */
export function withDescription(
  run: (description: Description, served: Served) => Promise<void> | void,
): () => Promise<void> {
  return () =>
    deadline(
      30_000,
      withHttp(async served => {
        await run((await served.call('GET', '/openapi.json')).json as Description, served)
      }),
    )
}

export function listOperations({paths}: Description): {path: string; method: string; operation: Operation}[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({path, method, operation})),
  )
}

/** The schema as a document of its own: its references point into the components. */
export function checkAgainst({components}: Description, schema: JsonObject, value: unknown): string[] {
  const whole = {...schema, components} as unknown as JsonObject
  return compileSchema(whole)(value).map(problem => `${problem.pointer} ${problem.message}`)
}
