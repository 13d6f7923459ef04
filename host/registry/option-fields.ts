import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {isObject} from '../expand-schemas.ts'
import type {Manifest} from '../manifest.ts'
import type {Problem} from '../schema.ts'

/** Fields that must be filled in before the choices of this one can be listed: `x-fp-options.dependsOn`. */
export function listDependencies({config, actions}: Manifest, field: string): string[] {
  const schemas = [config?.schema ?? null, ...Object.values(actions).map(({input}) => input)]
  const found = new Set<string>()
  const waiting: Json[] = schemas
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (Array.isArray(node)) waiting.push(...node)
    if (!isObject(node)) continue
    const properties = isObject(node.properties) ? node.properties : {}
    for (const name of readDependencies(properties[field])) found.add(name)
    waiting.push(...Object.values(node))
  }
  return [...found]
}

function readDependencies(schema: Json | undefined): string[] {
  const options = isObject(schema) ? schema['x-fp-options'] : undefined
  const names = isObject(options) ? options.dependsOn : undefined
  return Array.isArray(names) ? names.filter(name => typeof name === 'string') : []
}

/** The dependencies that are not filled in. A name may lead into an object: `auth.type`. */
export function findMissing(field: string, dependencies: readonly string[], values: JsonObject): Problem[] {
  return dependencies.flatMap(name => {
    const path = name.split('.')
    const value = path.reduce<Json | undefined>((at, key) => (isObject(at) ? at[key] : undefined), values)
    if (value !== undefined && value !== null && value !== '') return []
    return [{pointer: `/${path.join('/')}`, message: `is needed for the choices of "${field}"`}]
  })
}
