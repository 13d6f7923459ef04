import {parse} from 'semver'
import type {Json} from '../../runtime/protocol.ts'
import type {Manifest} from '../manifest.ts'
import {escapePointer} from '../schema.ts'
import {type BundleProblem, type BundleProblemCode, describeProblem} from './bundle-problems.ts'
import {isReservedName} from './entry-names.ts'
import {lintConditions} from './lint-conditions.ts'
import {lintLocks} from './lint-locks.ts'
import {lintSchemas} from './lint-schemas.ts'
import {lintSecrets} from './lint-secrets.ts'
import {isObject, walkSchema} from './walk-schema.ts'

const BUNDLE_FOLDER = '{bundle}/'

/**
 * What a manifest that fits plugin.schema.json says that cannot be so; `files` are the names beside it.
 * With `source` it stands in a plugin's source folder, where the entry may be TypeScript.
 */
export function lintManifest(
  manifest: Manifest,
  files: ReadonlySet<string>,
  {source = false}: {source?: boolean} = {},
): BundleProblem[] {
  return [
    ...lintIdentity(manifest),
    ...lintFiles(manifest, files, source),
    ...lintSchemas(manifest),
    ...lintSecrets(manifest),
    ...lintConditions(manifest),
    ...lintFields(manifest),
    ...lintLocks(manifest),
    ...lintPermissions(manifest),
  ]
}

function lintIdentity({id, version}: Manifest): BundleProblem[] {
  return [
    ...(isReservedName(id) ? [describeProblem('ID_RESERVED', '/id', id)] : []),
    ...(parse(version) === null ? [describeProblem('VERSION_INVALID', '/version', version)] : []),
  ]
}

function lintFiles(manifest: Manifest, files: ReadonlySet<string>, source: boolean): BundleProblem[] {
  const {entry, docs, icon} = manifest
  const command = manifest.process?.command ?? []
  return [
    ...lintFile('/entry', entry, files, {
      pattern: source ? /\.[cm]?[jt]s$/ : /\.[cm]?js$/,
      code: 'ENTRY_NOT_BUILT',
    }),
    ...lintFile('/docs', docs, files, {pattern: /\.(md|markdown)$/i, code: 'FILE_TYPE'}),
    ...lintFile('/icon', icon, files, {pattern: /\.(svg|png)$/i, code: 'FILE_TYPE'}),
    ...command.flatMap((part, index) => {
      const path = part.startsWith(BUNDLE_FOLDER) ? part.slice(BUNDLE_FOLDER.length) : undefined
      return lintFile(`/process/command/${index}`, path, files, {pattern: /./, code: 'FILE_TYPE'})
    }),
  ]
}

function lintFile(
  pointer: string,
  path: string | undefined,
  files: ReadonlySet<string>,
  {pattern, code}: {pattern: RegExp; code: BundleProblemCode},
): BundleProblem[] {
  if (path === undefined) return []
  if (!files.has(path)) return [describeProblem('FILE_MISSING', pointer, path)]
  return pattern.test(path) ? [] : [describeProblem(code, pointer, path)]
}

/** Every configuration field named outside the schema is a property somewhere in it. */
function lintFields({config}: Manifest): BundleProblem[] {
  if (!config) return []
  const known = new Set([...walkSchema(config.schema, '')].map(({property}) => property))
  const named = [
    ...listStrings(config.uniqueId ?? null, '/config/uniqueId'),
    ...listUiFields(config.ui ?? {}),
    ...listStrings(config.schema.required ?? null, '/config/schema/required'),
  ]
  return named
    .filter(({field}) => !known.has(field))
    .map(({field, pointer}) => describeProblem('FIELD_UNKNOWN', pointer, field))
}

interface NamedField {
  field: string
  pointer: string
}

/** `ui.groups[].fields`, `ui.order`, and both sides of `ui.showWhen`. */
function listUiFields(ui: {[key: string]: Json}): NamedField[] {
  const groups = Array.isArray(ui.groups) ? ui.groups : []
  const shown = isObject(ui.showWhen ?? null) ? (ui.showWhen as {[key: string]: Json}) : {}
  return [
    ...groups.flatMap((group, index) =>
      isObject(group) ? listStrings(group.fields ?? null, `/config/ui/groups/${index}/fields`) : [],
    ),
    ...listStrings(ui.order ?? null, '/config/ui/order'),
    ...Object.entries(shown).flatMap(([field, condition]) => {
      const pointer = `/config/ui/showWhen/${escapePointer(field)}`
      const other = isObject(condition) && typeof condition.field === 'string' ? condition.field : undefined
      return [{field, pointer}, ...(other === undefined ? [] : [{field: other, pointer: `${pointer}/field`}])]
    }),
  ]
}

function listStrings(value: Json, pointer: string): NamedField[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((field, index) => (typeof field === 'string' ? [{field, pointer: `${pointer}/${index}`}] : []))
}

function lintPermissions({permissions}: Manifest): BundleProblem[] {
  const index = permissions?.hostApi?.indexOf('http.fetch') ?? -1
  const closed = (permissions?.net ?? []).length === 0
  return index >= 0 && closed ? [describeProblem('PERMISSION_NEEDS_NET', `/permissions/hostApi/${index}`)] : []
}
