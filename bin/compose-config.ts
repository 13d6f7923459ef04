import type {Command} from 'commander'
import type {Json, JsonObject} from '../runtime/protocol.ts'
import {addAssignment} from './parse-assignment.ts'
import {readJsonObject, readSource} from './read-json.ts'

/** What `register` and `configure` take in common. */
export interface ConfigOptions {
  config?: string
  set: JsonObject
  file: JsonObject
  notes?: string
  settings?: string
  draft?: boolean
}

export function declareConfig(command: Command): Command {
  return command
    .option('--config <json>', 'the whole configuration: JSON, @file, or - for stdin; where secrets are given')
    .option(
      '--set <field=value>',
      'one field; field:=json for what is no text, tls.ca for a field of tls',
      addAssignment,
      {},
    )
    .option('--file <field=@path>', 'one field from a file, or - for stdin: a CA certificate', addAssignment, {})
    .option('--notes <text>', 'notes for people')
    .option('--settings <json>', 'limits and retries: JSON, @file, or - for stdin')
    .option('--draft', 'keep it although it is incomplete; it stays off until it fits')
}

/** The part of a request that these options make; `readStored` is asked when only some fields change. */
export async function composeConfig(
  {config, set, file, notes, settings, draft}: ConfigOptions,
  readStored: () => Promise<JsonObject>,
): Promise<{config?: JsonObject; notes?: string; settings?: JsonObject; draft?: true}> {
  const fields = new Map(Object.entries(set))
  for (const [name, path] of Object.entries(file)) {
    const source = path === '-' || String(path).startsWith('@') ? String(path) : `@${String(path)}`
    fields.set(name, await readSource(source, '--file'))
  }
  const given = config === undefined ? undefined : await readJsonObject(config, '--config')
  let composed = fields.size > 0 ? (given ?? (await readStored())) : given
  for (const [name, value] of fields) composed = setField(composed ?? {}, name.split('.'), value)
  return {
    ...(composed && {config: composed}),
    ...(notes !== undefined && {notes}),
    ...(settings !== undefined && {settings: await readJsonObject(settings, '--settings')}),
    ...(draft && {draft}),
  }
}

/** A copy with the value at the path; objects on the way are made. */
function setField(object: JsonObject, [name = '', ...rest]: readonly string[], value: Json): JsonObject {
  const known = object[name]
  const inner = typeof known === 'object' && known !== null && !Array.isArray(known) ? known : {}
  return {...object, [name]: rest.length === 0 ? value : setField(inner, rest, value)}
}
