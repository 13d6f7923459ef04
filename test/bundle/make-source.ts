import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'

const NAME = {type: 'object', required: ['name'], properties: {name: {type: 'string'}}}
const GREETING = {type: 'object', required: ['greeting'], properties: {greeting: {type: 'string'}}}

export const HELLO_MANIFEST = {
  fp: 1,
  id: 'example.hello',
  version: '1.0.0',
  name: 'Hello',
  summary: 'Greets',
  kinds: ['action'],
  entry: 'main.ts',
  actions: {
    hello: {effect: 'read', input: NAME, output: GREETING, samples: [{title: 'Ann', input: {name: 'Ann'}}]},
  },
}

export const HELLO_MAIN = `import {definePlugin} from 'plugin-host/sdk'
import type {Types} from './plugin.types.ts'

export default definePlugin<Types>({
  actions: {hello: call => ({output: {greeting: \`Hello, \${call.input.name}\`}})},
})
`

/** Writes a plugin's source folder: the manifest with changes, and files by name over a main.ts that greets. */
export async function makeSource(
  folder: string,
  {manifest = {}, files = {}}: {manifest?: object; files?: {[name: string]: string}} = {},
): Promise<string> {
  const all = {
    'plugin.json': JSON.stringify({...HELLO_MANIFEST, ...manifest}, null, 2),
    'main.ts': HELLO_MAIN,
    ...files,
  }
  for (const [name, text] of Object.entries(all)) {
    await mkdir(dirname(join(folder, name)), {recursive: true})
    await writeFile(join(folder, name), text)
  }
  return folder
}
