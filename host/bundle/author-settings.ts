import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {parse} from 'jsonc-parser'

/** The part of an author's tsconfig.json that has to be joined with ours instead of replaced by it. */
export interface AuthorSettings {
  file: string
  /** Absolute targets by pattern. */
  paths: {[pattern: string]: string[]}
  types: string[]
  typeRoots: string[]
}

/** undefined when the folder has no tsconfig.json. */
export async function readAuthorSettings(folder: string): Promise<AuthorSettings | undefined> {
  const file = join(folder, 'tsconfig.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const settings = parse(text, [], {allowTrailingComma: true}) as unknown
  const options = isTable(settings) && isTable(settings.compilerOptions) ? settings.compilerOptions : {}
  const paths = isTable(options.paths) ? Object.entries(options.paths) : []
  const absolute = (targets: unknown): string[] => strings(targets).map(target => join(folder, target))
  return {
    file,
    paths: Object.fromEntries(paths.map(([pattern, targets]) => [pattern, absolute(targets)])),
    types: strings(options.types),
    typeRoots: absolute(options.typeRoots),
  }
}

function isTable(value: unknown): value is {[key: string]: unknown} {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
}
