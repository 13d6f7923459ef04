import type {JSONSchema} from 'json-schema-to-typescript'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {Manifest} from '../manifest.ts'
import {moveDefinitions, type SimplifyOptions} from './simplify-schema.ts'

/** File beside the entry that holds a plugin's types. */
export const TYPES_FILE = 'plugin.types.ts'

const HEADER = `/**
 * Generated from plugin.json by "plugin-host build": change it there, not here.
 * Use it as \`definePlugin<Types>({...})\`.
 */
`

/** TypeScript source of `Types`: the configuration, and the input and output of every action. Throws BUILD_FAILED. */
export async function generateTypes(manifest: Manifest): Promise<string> {
  const {compile} = await import('json-schema-to-typescript')
  try {
    const source = await compile(combineSchemas(manifest) as JSONSchema, 'Types', {
      bannerComment: '',
      additionalProperties: false,
      ignoreMinAndMaxItems: true,
      unreachableDefinitions: false,
      $refOptions: {resolve: {external: false}},
      style: {semi: false, singleQuote: true, bracketSpacing: false, printWidth: 120},
    })
    return `${HEADER}${source}`
  } catch (error) {
    throw new HostError('BUILD_FAILED', {plugin: manifest.id, reason: (error as Error).message}, error)
  }
}

/** One schema for all, every part of it under a name of its own, so that equal names in two schemas cannot meet. */
function combineSchemas(manifest: Manifest): JsonObject {
  const $defs: JsonObject = {}
  function define(schema: Json, pointer: string, name: string, filled: Omit<SimplifyOptions, 'name'>): JsonObject {
    const unique = name in $defs ? `${name}${Object.keys($defs).length}` : name
    try {
      Object.assign($defs, moveDefinitions(schema, {name: unique, ...filled}))
    } catch (error) {
      throw new Error(`plugin.json ${pointer}: ${(error as Error).message}`, {cause: error})
    }
    return {$ref: `#/$defs/${unique}`}
  }
  const actions = Object.entries(manifest.actions).map(([name, action]): [string, JsonObject] => {
    const type = pascalCase(name)
    const input = define(action.input, `/actions/${name}/input`, `${type}Input`, {defaultsFilled: true})
    return [
      name,
      closed({
        input,
        output: define(action.output, `/actions/${name}/output`, `${type}Output`, {defaultsFilled: false}),
      }),
    ]
  })
  const empty = {type: 'object', additionalProperties: false}
  const config = define(manifest.config?.schema ?? empty, '/config/schema', 'Config', {
    defaultsFilled: true,
    fieldsHidden: true,
  })
  return {...closed({config, actions: closed(Object.fromEntries(actions))}), $defs}
}

function closed(properties: JsonObject): JsonObject {
  return {type: 'object', additionalProperties: false, required: Object.keys(properties), properties}
}

function pascalCase(name: string): string {
  return name.replace(/(^|-)([a-zA-Z0-9])/g, (_, __, letter: string) => letter.toUpperCase())
}
