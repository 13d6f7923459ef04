import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {isObject} from '../expand-schemas.ts'
import type {MappingSource} from '../mapping-types.ts'
import type {Reference} from './references.ts'

/** What there is to read from. A condition has neither configuration nor time. */
export type Readable = MappingSource & {config?: JsonObject; now?: number}

/** The value a reference has now; undefined where there is none. */
export function readReference(reference: Reference, source: Readable): Json | undefined {
  switch (reference.kind) {
    case 'record':
      return readPath(source.record, reference.field.path)
    case 'old':
      return readPath(source.old, reference.field.path)
    case 'config':
    case 'secret':
      return readPath(source.config, reference.path)
    case 'step':
      return readPath(source.steps, reference.path)
    case 'user':
      return readPath(source.user, reference.path)
    case 'now':
      return source.now === undefined ? undefined : new Date(source.now).toISOString()
  }
}

/** Own keys only; a number leads into a list. */
export function readPath(value: Json | undefined, path: readonly string[]): Json | undefined {
  let node = value
  for (const key of path) {
    if (Array.isArray(node)) node = /^\d{1,6}$/.test(key) ? node[Number(key)] : undefined
    else node = isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined
  }
  return node
}
