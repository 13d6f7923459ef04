import type {Mapping, MappingPreview, MappingProblem, PreviewRow} from '../host/index.ts'
import type {Json} from '../runtime/protocol.ts'
import {describeProblem} from './describe-problem.ts'
import {renderFacts, renderTable, renderTime} from './render-table.ts'

export function describeMappings(mappings: Mapping[]): string {
  const rows = mappings.map(({name, action, module, rows: own, revision, savedAt, savedBy, problems}) => {
    const wrong = problems.find(({severity}) => severity === 'error')
    return [name, action, module, own.length, revision, renderTime(savedAt), savedBy, wrong?.message ?? '']
  })
  return renderTable(
    ['MAPPING', 'ACTION', 'MODULE', 'ROWS', 'REVISION', 'SAVED', 'BY', 'PROBLEM'],
    rows,
    'There is none',
  )
}

export function describeMapping(mapping: Mapping): string {
  const {registration, name, action, module, revision, savedAt, savedBy, rows, output, tables, problems} = mapping
  const facts = renderFacts({
    mapping: `${registration}/${name}`,
    action,
    module,
    revision,
    saved: `${renderTime(savedAt)} by ${savedBy}`,
    tables: Object.keys(tables).join(', '),
  })
  const table = renderTable(
    ['PARAMETER', 'TEMPLATE', 'WITHOUT A VALUE', 'WHEN'],
    rows.map(({target, template, missing, when}) => [
      target,
      template,
      describePolicy(missing),
      when && JSON.stringify(when),
    ]),
    'It has no rows',
  )
  const written = renderTable(
    ['FIELD', 'FROM', 'WHEN'],
    output.map(({field, source, when}) => [field, source, when ?? 'succeeded']),
    '',
  )
  return [facts, table, written, describeProblems(problems)].filter(Boolean).join('\n\n')
}

export function describePreview({rows, problems, missing}: MappingPreview): string {
  const table = renderTable(
    ['PARAMETER', 'TEMPLATE', 'VALUE', ''],
    rows.map(row => [row.target, row.template, describeValue(row), describeStatus(row)]),
    'It has no rows',
  )
  const without = missing.length > 0 ? `without a value: ${missing.join(', ')}` : ''
  return [table, without, describeProblems(problems)].filter(Boolean).join('\n\n')
}

function describeProblems(problems: MappingProblem[]): string {
  return problems
    .map(({pointer, at, severity, ...problem}) => {
      const place = at === null ? pointer : `${pointer}:${at + 1}`
      return `${severity === 'warning' ? 'warning: ' : ''}${describeProblem({...problem, place})}`
    })
    .join('\n')
}

function describeValue({status, coerced}: PreviewRow): string {
  return status === 'set' ? JSON.stringify(coerced) : ''
}

function describeStatus({status, context, problem, resolved, escaped}: PreviewRow): string {
  if (status === 'error') return problem?.message ?? 'error'
  if (status === 'skipped') return 'its condition does not fit'
  if (status === 'omitted') return 'left out: a value is missing'
  return context !== null && !isSame(resolved, escaped) ? `escaped for ${context}` : ''
}

function isSame(left: Json, right: Json): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

function describePolicy(missing: Mapping['rows'][number]['missing']): string {
  return typeof missing === 'object' ? `default ${JSON.stringify(missing.default)}` : (missing ?? '')
}
