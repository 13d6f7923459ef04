import {existsSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import type {BuildFailure, BuildOptions, BuildResult, Message, Plugin} from 'esbuild'
import {type BuildProblem, buildFailed, formatBuildProblem} from './build-problems.ts'
import {SDK_FILE} from './sdk-files.ts'

/** Name of the module in a bundle. CommonJS starts fastest. */
export const BUNDLED_ENTRY = 'main.cjs'

const OWN = 'plugin-host'
const META_URL = '__importMetaUrl'
const REMEDIES: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/^Top-level await/, 'Move it into start(), which the host awaits'],
  [/^No loader is configured/, 'Put it under assets/ and read it from there'],
]

export interface BundledCode {
  /** Contents by name: the module, and its source map where asked for. */
  files: {[name: string]: Uint8Array}
  warnings: string[]
}

/** The entry and everything it imports as one file; the same sources give the same bytes anywhere. Throws BUILD_FAILED. */
export async function bundleCode(
  folder: string,
  entry: string,
  {plugin, sourcemap = false}: {plugin: string; sourcemap?: boolean | undefined},
): Promise<BundledCode> {
  const esbuild = await import('esbuild')
  try {
    const result = await esbuild.build(composeOptions(folder, entry, sourcemap))
    return {files: collectFiles(result), warnings: result.warnings.map(formatWarning)}
  } catch (error) {
    if (!isBuildFailure(error)) throw error
    throw buildFailed(plugin, error.errors.map(toProblem), error)
  }
}

type Options = BuildOptions & {write: false; metafile: true}

function composeOptions(folder: string, entry: string, sourcemap: boolean): Options {
  const tsconfig = join(folder, 'tsconfig.json')
  return {
    entryPoints: [join(folder, entry)],
    absWorkingDir: folder,
    outfile: join(folder, BUNDLED_ENTRY),
    bundle: true,
    // Nothing is written: an entry named as the result is fine.
    allowOverwrite: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: sourcemap ? 'linked' : false,
    logLevel: 'silent',
    // Only the author's own: one further up would make the result depend on where the folder lies.
    ...(existsSync(tsconfig) ? {tsconfig} : {tsconfigRaw: '{}'}),
    define: {
      'import.meta.url': META_URL,
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
    inject: [`${OWN}:import-meta`],
    plugins: [ownModules, refuseAddons],
  }
}

/** The SDK and the stand-in for `import.meta.url`, under names that do not tell where this package is installed. */
const ownModules: Plugin = {
  name: 'own-modules',
  setup(build) {
    build.onResolve({filter: /^plugin-host(\/sdk|:import-meta)$/}, ({path}) => ({
      path,
      namespace: OWN,
      sideEffects: false,
    }))
    build.onLoad({filter: /:import-meta$/, namespace: OWN}, () => ({
      contents: `export const ${META_URL} = /* @__PURE__ */ (() => require('node:url').pathToFileURL(__filename).href)()`,
      loader: 'js',
    }))
    build.onLoad({filter: /\/sdk$/, namespace: OWN}, async () => ({
      contents: await readFile(SDK_FILE),
      loader: 'ts',
    }))
  },
}

const refuseAddons: Plugin = {
  name: 'refuse-addons',
  setup(build) {
    build.onResolve({filter: /\.node$/}, ({path, resolveDir}) => {
      // One that is not there is left to its own `try`: many packages carry on without.
      if (!existsSync(resolve(resolveDir, path))) return undefined
      const remedy = 'Use a package without native code, or install with "--ignore-scripts" if it can do without'
      return {errors: [{text: `a native add-on cannot be bundled: ${path}. ${remedy}`}]}
    })
  },
}

function collectFiles({outputFiles, metafile}: BuildResult<Options>): BundledCode['files'] {
  const inputs = Object.entries(metafile.inputs)
  const strict = inputs.every(([, input]) => input.format !== 'cjs')
  const hoisted = inputs.map(([path]) => path).filter(path => path.startsWith('../'))
  return Object.fromEntries(
    outputFiles.map(({path, text, contents}) =>
      path.endsWith('.map')
        ? [`${BUNDLED_ENTRY}.map`, contents]
        : [BUNDLED_ENTRY, Buffer.from(nameModules(setStrict(text, strict), hoisted))],
    ),
  )
}

/** ES modules are strict and CommonJS ones need not be; esbuild goes by the author's tsconfig for all of them. */
function setStrict(text: string, strict: boolean): string {
  const body = text.replace(/^"use strict";/, '')
  return strict ? `"use strict";${body}` : body
}

/** esbuild writes where each module came from; a package installed further up must not change the bytes. */
function nameModules(text: string, paths: readonly string[]): string {
  return paths.reduce((code, path) => {
    const name = path.replace(/^.*(?=node_modules\/)/, '').replace(/^(\.\.\/)+/, '')
    return code.replaceAll(`// ${path}\n`, () => `// ${name}\n`).replaceAll(`"${path}"(`, () => `"${name}"(`)
  }, text)
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}

function toProblem({text, location}: Message): BuildProblem {
  const remedy = REMEDIES.find(([pattern]) => pattern.test(text))?.[1]
  const message = remedy ? `${text}. ${remedy}` : text
  return location ? {file: location.file, line: location.line, column: location.column + 1, message} : {message}
}

function formatWarning(message: Message): string {
  return formatBuildProblem(toProblem(message))
}
