import {createRequire} from 'node:module'
import {pathToFileURL} from 'node:url'
import type {Plugin} from './sdk.ts'

/** Loads the entry and takes its default export. A CommonJS entry, as `build` makes it, loads without the module loader's detours. */
export async function loadPlugin(entry: string): Promise<Plugin> {
  const loaded = entry.endsWith('.cjs')
    ? (createRequire(entry)(entry) as unknown)
    : ((await import(pathToFileURL(entry).href)) as unknown)
  const plugin = unwrapDefault(loaded)
  if (!isPlugin(plugin)) {
    throw new Error(
      `Cannot load "${entry}": its default export is no plugin\nWrite "export default definePlugin({actions: {...}})"`,
    )
  }
  return plugin
}

/** A bundled ES module is `{default}`; CommonJS seen through import() is `{default: {default}}`. */
function unwrapDefault(loaded: unknown): unknown {
  let value = loaded
  for (let step = 0; step < 2 && !isPlugin(value); step++) value = (value as {default?: unknown} | undefined)?.default
  return value
}

function isPlugin(value: unknown): value is Plugin {
  return (
    typeof value === 'object' &&
    value !== null &&
    'actions' in value &&
    typeof value.actions === 'object' &&
    value.actions !== null
  )
}
