import type {ActionSettings, Manifest, PluginSource} from '../../host/index.ts'
import type {Json} from '../../runtime/protocol.ts'
import {Failure} from '../failure.ts'
import type {Result} from '../verb.ts'

/** What is to be executed. */
export interface ChosenCall {
  action: string
  input: Json
}

/** The named action, else the first; the given input, else the action's first sample. Throws a Failure for an unknown action. */
export function chooseCall(manifest: Manifest, action: string | undefined, input: Json | undefined): ChosenCall {
  const names = Object.keys(manifest.actions)
  const name = action ?? names[0] ?? ''
  const settings = Object.hasOwn(manifest.actions, name) ? manifest.actions[name] : undefined
  if (settings) return {action: name, input: input ?? sampleOf(settings)}
  throw new Failure('USAGE', `Cannot find action "${name}": plugin "${manifest.id}" has ${names.join(', ')}`)
}

export function sampleOf({samples}: ActionSettings): Json {
  return samples[0]?.input ?? {}
}

/** Refuses a plugin that cannot be started for want of a configuration, naming what is needed. */
export function requireConfig({id, config}: Manifest, given: unknown): void {
  const required = config?.schema.required
  if (given !== undefined || !Array.isArray(required) || required.length === 0) return
  const remedy = `Give it with --config '{...}' or --config @file.json; it requires ${required.join(', ')}`
  throw new Failure('USAGE', `Cannot run plugin "${id}": it has no configuration`, remedy)
}

/** The actions with their samples, and how to run the first. */
export function listActions({path, manifest}: PluginSource): Result {
  const {id, version, actions} = manifest
  const entries = Object.entries(actions)
  const list = entries.map(([name, {label, effect, samples}]) => ({name, label: label ?? null, effect, samples}))
  const lines = list.flatMap(({name, label, effect, samples}) => [
    `${label === null ? name : `${name}  ${label}`} (${effect})`,
    ...samples.map(({title, input}) => `  ${title}: ${JSON.stringify(input)}`),
  ])
  const [first] = entries
  const tryIt = first
    ? [`Try: plugin-host run ${path} ${first[0]} --input '${JSON.stringify(sampleOf(first[1]))}'`]
    : []
  return {data: {id, version, actions: list}, text: [`${id} ${version}`, ...lines, ...tryIt].join('\n')}
}
