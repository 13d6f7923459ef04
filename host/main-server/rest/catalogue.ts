import type {Json} from '../../../runtime/protocol.ts'
import type {Clock} from '../../clock.ts'
import type {FieldInfo, MainServerStatus, Module} from '../../record-types.ts'
import {listBuiltIn, parseForm} from './parse-form.ts'

type Drift = MainServerStatus['drift'][number]

export interface Catalogue {
  /** From memory while it is young enough; an old one when the server does not answer. */
  list(module: Module): Promise<FieldInfo[]>
  /** What came, went or changed since the first look, the newest last. */
  drift(): Drift[]
}

interface Known {
  fields: FieldInfo[]
  readAt: number
}

export interface CatalogueParts {
  /** The form of a module, as the server answers. */
  readForm(module: Module): Promise<Json>
  clock: Clock
  maxAgeMs: number
  onDrift(drift: Drift[]): void
}

const KEPT_DRIFT = 100

export function createCatalogue({readForm, clock, maxAgeMs, onDrift}: CatalogueParts): Catalogue {
  const known = new Map<Module, Known>()
  const reading = new Map<Module, Promise<FieldInfo[]>>()
  let drifted: Drift[] = []

  async function read(module: Module): Promise<FieldInfo[]> {
    const fields = [...listBuiltIn(module), ...parseForm(module, await readForm(module))]
    const before = known.get(module)?.fields
    const drift = before ? compareFields(module, before, fields) : []
    if (drift.length > 0) {
      drifted = [...drifted, ...drift].slice(-KEPT_DRIFT)
      onDrift(drift)
    }
    // The same list while nothing has changed: what was compiled for it stays good.
    const kept = before && drift.length === 0 ? before : fields
    known.set(module, {fields: kept, readAt: clock.elapsed()})
    return kept
  }

  return {
    async list(module) {
      const last = known.get(module)
      if (last && clock.elapsed() - last.readAt < maxAgeMs) return last.fields
      const started = reading.get(module) ?? read(module).finally(() => reading.delete(module))
      reading.set(module, started)
      try {
        return await started
      } catch (error) {
        if (last) return last.fields
        throw error
      }
    },
    drift: () => drifted,
  }
}

/** By id: a label may be changed. */
export function compareFields(module: Module, before: readonly FieldInfo[], after: readonly FieldInfo[]): Drift[] {
  const find = (list: readonly FieldInfo[], id: string): FieldInfo | undefined => list.find(field => field.id === id)
  const removed = before.filter(({id}) => !find(after, id))
  const added = after.filter(({id}) => !find(before, id))
  const changed = after.flatMap((field): Drift[] => {
    const was = find(before, field.id)
    const detail = was ? describeChange(was, field) : ''
    return detail === '' ? [] : [{module, field: field.id, change: 'changed', detail}]
  })
  return [
    ...removed.map(({id, label}): Drift => ({module, field: id, change: 'removed', detail: `"${label}"`})),
    ...added.map(({id, label}): Drift => ({module, field: id, change: 'added', detail: `"${label}"`})),
    ...changed,
  ]
}

function describeChange(was: FieldInfo, is: FieldInfo): string {
  const keys = ['label', 'type', 'required', 'systemManaged', 'choices'] as const
  const text = (field: FieldInfo, key: (typeof keys)[number]): string => JSON.stringify(field[key] ?? null)
  const changes = keys.filter(key => text(was, key) !== text(is, key))
  return changes.map(key => `${key} was ${text(was, key)} and is ${text(is, key)}`).join('; ')
}
