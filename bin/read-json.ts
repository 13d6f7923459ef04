import {readFile} from 'node:fs/promises'
import {text} from 'node:stream/consumers'
import type {Json, JsonObject} from '../runtime/protocol.ts'
import {Failure} from './failure.ts'

/** JSON as given on the command line: the text itself, `@file`, or `-` for stdin. `option` names it in errors. */
export async function readJson(given: string, option: string): Promise<Json> {
  const source = await readSource(given, option)
  try {
    return JSON.parse(source) as Json
  } catch (error) {
    const remedy = `Give JSON, as ${option} '{"name":"Ann"}', ${option} @file.json, or ${option} - for stdin`
    throw new Failure('USAGE', `Cannot read ${option}: ${(error as Error).message}`, remedy)
  }
}

/** The same, for what has to be an object. */
export async function readJsonObject(given: string, option: string): Promise<JsonObject> {
  const value = await readJson(given, option)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new Failure('USAGE', `Cannot read ${option}: it is no JSON object`)
}

/** The same, for the body of a request: the server says what is wrong with it. */
export async function readBody<Body extends object>(given: string, option: string): Promise<Body> {
  const body: object = await readJsonObject(given, option)
  return body as Body
}

/** The text itself, `@file`, or `-` for stdin. */
export async function readSource(given: string, option: string): Promise<string> {
  if (given === '-') return text(process.stdin)
  if (!given.startsWith('@')) return given
  try {
    return await readFile(given.slice(1), 'utf8')
  } catch (error) {
    throw new Failure('USAGE', `Cannot read ${option}: ${(error as Error).message}`)
  }
}
