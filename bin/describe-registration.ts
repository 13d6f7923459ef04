import type {Registration} from '../host/index.ts'
import {renderFacts, renderTable, renderTime} from './render-table.ts'

export function describeRegistrations(registrations: Registration[]): string {
  const rows = registrations.map(entry => [entry.id, entry.plugin, entry.name, describeState(entry)])
  return renderTable(['REGISTRATION', 'PLUGIN', 'NAME', 'STATE'], rows, 'There is none')
}

export function describeRegistration(entry: Registration): string {
  const {id, plugin, name, notes, config, settings, updatedAt} = entry
  const facts = renderFacts({
    registration: id,
    plugin,
    name,
    state: describeState(entry),
    ...(notes !== '' && {notes}),
    config: JSON.stringify(config),
    ...(Object.keys(settings).length > 0 && {settings: JSON.stringify(settings)}),
    changed: renderTime(updatedAt),
  })
  return [facts, ...listProblems(entry)].join('\n')
}

/** After a change: what was done, and what is still wrong. */
export function describeChange(entry: Registration, done: string): string {
  return [`${entry.id}: ${done}${entry.draft ? ' as a draft' : ''}`, ...listProblems(entry)].join('\n')
}

function describeState({enabled, draft, problems}: Registration): string {
  const state = draft ? 'draft' : enabled ? 'on' : 'off'
  const [count, ...rest] = problems
  if (count === undefined) return state
  return `${state}, ${rest.length + 1} ${rest.length === 0 ? 'problem' : 'problems'}`
}

function listProblems({problems}: Registration): string[] {
  return problems.map(({pointer, message}) => `  ${pointer || 'it'} ${message}`)
}
