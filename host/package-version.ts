import {readFileSync} from 'node:fs'
import {findPackageJSON} from 'node:module'

let known: string | undefined

/** The version of this package. */
export function packageVersion(): string {
  known ??= (JSON.parse(readFileSync(findPackageJSON(import.meta.url) ?? '', 'utf8')) as {version: string}).version
  return known
}
