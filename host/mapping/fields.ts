import type {FieldInfo} from '../record-types.ts'

/** The fields of a module by everything they may be called. */
export interface FieldIndex {
  fields: readonly FieldInfo[]
  /** By id, then by label, then by short name; several where people gave one label twice. */
  find(name: string): readonly FieldInfo[]
}

const indexes = new WeakMap<readonly FieldInfo[], FieldIndex>()

/** Made once for each catalogue. Labels are compared without case and the spaces around them. */
export function indexFields(fields: readonly FieldInfo[]): FieldIndex {
  const known = indexes.get(fields)
  if (known) return known
  const byId = new Map(fields.map(field => [field.id, [field]]))
  const byLabel = Map.groupBy(fields, ({label}) => toKey(label))
  const byAlias = new Map<string, FieldInfo[]>()
  for (const field of fields) {
    for (const alias of field.aliases ?? []) byAlias.set(toKey(alias), [...(byAlias.get(toKey(alias)) ?? []), field])
  }
  const index: FieldIndex = {
    fields,
    find: name => byId.get(name) ?? byLabel.get(toKey(name)) ?? byAlias.get(toKey(name)) ?? [],
  }
  indexes.set(fields, index)
  return index
}

function toKey(name: string): string {
  return name.trim().toLowerCase()
}
