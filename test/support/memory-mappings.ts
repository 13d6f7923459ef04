import {HostError} from '../../host/errors.ts'
import type {Mapping, MappingDefinition, MappingProblem, MappingVerbs} from '../../host/types.ts'

const NOW = 1_800_000_000_000

/** What a template without an end is refused with. */
export const OPEN_PROBLEM: MappingProblem = {
  pointer: '/rows/0/template',
  at: 3,
  code: 'PLACEHOLDER_OPEN',
  message: 'The placeholder is not closed',
  remedy: 'Close it with }',
  severity: 'error',
}

/** Mappings over a plain map. A template that holds `{#` and no `}` is refused, any other stands for itself. */
export function mappingVerbs(requireRegistration: (id: string) => unknown): MappingVerbs {
  const mappings = new Map<string, Mapping>()
  const find = (registration: string, name: string): Mapping => {
    requireRegistration(registration)
    const found = mappings.get(`${registration}/${name}`)
    if (!found) throw new HostError('MAPPING_NOT_FOUND', {id: registration, name})
    return found
  }
  const check = ({rows}: Pick<MappingDefinition, 'rows'>): MappingProblem[] =>
    rows.some(({template}) => template.includes('{#') && !template.includes('}')) ? [OPEN_PROBLEM] : []
  return {
    async listMappings(registration) {
      requireRegistration(registration)
      return [...mappings.values()].filter(mapping => mapping.registration === registration)
    },
    getMapping: async (registration, name) => find(registration, name),
    async saveMapping(registration, name, {action, module = 'request', rows, output = [], tables = {}}, by) {
      requireRegistration(registration)
      const problems = check({rows})
      if (problems.length > 0) throw new HostError('MAPPING_INVALID', {reason: OPEN_PROBLEM.message, problems})
      const key = `${registration}/${name}`
      const revision = (mappings.get(key)?.revision ?? 0) + 1
      const saved = {registration, name, revision, savedAt: NOW, savedBy: by, problems}
      const mapping: Mapping = {action, module, rows, output, tables, ...saved}
      mappings.set(key, mapping)
      return mapping
    },
    async removeMapping(registration, name) {
      find(registration, name)
      mappings.delete(`${registration}/${name}`)
    },
    async previewMapping({registration, mapping}) {
      requireRegistration(registration)
      const {rows} = typeof mapping === 'string' ? find(registration, mapping) : mapping
      const problems = check({rows})
      const input = Object.fromEntries(rows.map(({target, template}) => [target, template]))
      const shown = rows.map(({target, template}) => {
        const value = {resolved: template, escaped: template, coerced: template}
        return {target, template, status: 'set' as const, values: [], ...value, context: null, problem: null}
      })
      return {ok: problems.length === 0, rows: shown, input, problems, missing: []}
    },
  }
}
