import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {Failure} from '../failure.ts'

/** The first word, and what follows it. */
export function takeWord(text: string): [word: string, rest: string] {
  const [, word = '', rest = ''] = /^(\S*)\s*([\s\S]*)$/.exec(text.trim()) ?? []
  return [word, rest]
}

export function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch (error) {
    throw new Failure('USAGE', `Cannot read the JSON: ${(error as Error).message}`, 'Write it like {"name":"Ann"}')
  }
}

export function requireObject(value: Json, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new Failure('USAGE', `Cannot take ${what}: it is no JSON object`)
}
