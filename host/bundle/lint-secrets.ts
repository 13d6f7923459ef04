import type {JsonSchema, Manifest} from '../manifest.ts'
import {type BundleProblem, describeProblem} from './bundle-problems.ts'
import {isObject, walkSchema} from './walk-schema.ts'

const WORDS = new Set([
  ...['password', 'passwd', 'passphrase', 'passcode', 'pass', 'pwd', 'psw', 'secret', 'token'],
  ...['apikey', 'credential', 'privatekey', 'secretkey', 'accesskey'],
])
const PAIRS = new Set(['api key', 'private key', 'access key', 'secret key', 'pass phrase', 'pass word'])

/** Configuration fields that look like secrets by name or format and are not marked, one way or the other. */
export function lintSecrets({config}: Manifest): BundleProblem[] {
  if (!config) return []
  const root = config.schema
  return [...walkSchema(root, '/config/schema')]
    .filter(({schema, property}) => {
      const target = followReference(schema, root)
      const secretive = (property !== undefined && isSecretName(property)) || target.format === 'password'
      return secretive && holdsText(target) && !isMarked(schema) && !isMarked(target)
    })
    .map(({pointer}) => describeProblem('SECRET_UNMARKED', pointer))
}

/** True for names like `password`, `clientSecret`, `api_key`, `auth-tokens`; not for `tokenizer` or `keyboard`. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
    .map(word => word.replace(/([^s])s$/, '$1'))
  return words.some((word, index) => WORDS.has(word) || PAIRS.has(`${word} ${words[index + 1]}`))
}

function followReference(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let target = schema
  for (let hops = 0; hops < 10 && typeof target.$ref === 'string'; hops++) {
    const keys = target.$ref.startsWith('#/') ? target.$ref.slice(2).split('/') : []
    const found = keys.reduce<unknown>(
      (at, key) => (isObject((at ?? null) as never) ? (at as JsonSchema)[key] : undefined),
      root,
    )
    if (!found || !isObject(found as never)) return target
    target = found as JsonSchema
  }
  return target
}

function holdsText(schema: JsonSchema): boolean {
  const types = [schema.type ?? []].flat()
  if (types.length === 0)
    return schema.enum === undefined && schema.const === undefined && schema.properties === undefined
  if (types.includes('string')) return schema.enum === undefined && schema.const === undefined
  const items = schema.items ?? null
  return types.includes('array') && isObject(items) && items.type === 'string' && !isMarked(items)
}

function isMarked(schema: JsonSchema): boolean {
  return typeof schema['x-fp-secret'] === 'boolean'
}
