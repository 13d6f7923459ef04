import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'

const require = createRequire(import.meta.url)
const root = join(import.meta.dirname, '../..')
// The same folders hold TypeScript in the repository and JavaScript with declarations in `dist/`.
const fromSource = import.meta.filename.endsWith('.ts')

/** Absolute path of the SDK's module, as it is bundled into a plugin. */
export const SDK_FILE = join(root, fromSource ? 'runtime/sdk.ts' : 'runtime/sdk.js')

/** Absolute path of the SDK's types, as a plugin is checked against. */
export const SDK_TYPES = join(root, fromSource ? 'runtime/sdk.ts' : 'runtime/sdk.d.ts')

/** Folder of the type packages that come with the host: a plugin's folder needs none of its own. */
export function findTypeRoot(): string {
  return dirname(dirname(require.resolve('@types/node/package.json')))
}

/** The TypeScript compiler's program. */
export function findCompiler(): string {
  return join(dirname(require.resolve('typescript/package.json')), 'bin/tsc')
}
