import {InvalidArgumentError} from 'commander'
import type {Json, JsonObject} from '../runtime/protocol.ts'

/** `field=text` or `field:=json`, gathered over all occurrences of an option. */
export function addAssignment(text: string, before: JsonObject): JsonObject {
  const [, name = '', json, value = ''] = /^([^=]+?)(:?)=(.*)$/s.exec(text) ?? []
  if (name === '') throw new InvalidArgumentError('write it as field=value')
  if (json !== ':') return {...before, [name]: value}
  try {
    return {...before, [name]: JSON.parse(value) as Json}
  } catch {
    throw new InvalidArgumentError('what follows := must be JSON')
  }
}
