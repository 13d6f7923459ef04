/** The tables of docs/ that follow from code, as they stand there. `node test/write-docs.ts` writes them anew. */
import {ARCHIVE_PROBLEMS, MANIFEST_PROBLEMS} from '../../host/bundle/bundle-problems.ts'
import {listSettings} from '../../host/config.ts'
import {CONTEXTS} from '../../host/mapping/contexts.ts'
import {describeUsage, FILTERS} from '../../host/mapping/filters.ts'

export interface DocsTable {
  /** Path from the root. */
  file: string
  /** First line of the table: where it stands. */
  head: string
  text: string
}

export function renderTables(): DocsTable[] {
  return [
    table(
      'docs/configuration.md',
      ['key', 'default', 'meaning and unit', 'environment'],
      listSettings().map(renderSetting),
    ),
    table(
      'docs/errors.md',
      ['archive code', 'the bundle, or the entry named,', 'remedy'],
      listProblems(ARCHIVE_PROBLEMS),
    ),
    table('docs/errors.md', ['manifest code', 'the place named', 'remedy'], listProblems(MANIFEST_PROBLEMS)),
    table('docs/mapping.md', ['filter', 'gives'], listSummaries(FILTERS, describeUsage)),
    table(
      'docs/mapping.md',
      ['context', 'what it is, and what is done'],
      listSummaries(CONTEXTS, name => name),
    ),
  ]
}

function table(file: string, heads: string[], rows: string[][]): DocsTable {
  const render = (cells: string[]): string => `| ${cells.join(' | ')} |`
  const head = render(heads)
  return {file, head, text: [head, render(heads.map(() => '---')), ...rows.map(render)].join('\n')}
}

function renderSetting({key, default: value, doc, env}: ReturnType<typeof listSettings>[number]): string[] {
  const text = JSON.stringify(value).replaceAll('"', '').replaceAll(',', ', ')
  return [`\`${key}\``, value === '' ? 'none' : `\`${text}\``, doc, env ? `\`${env}\`` : '-']
}

function listSummaries(entries: {[name: string]: {summary: string}}, show: (name: string) => string): string[][] {
  return Object.entries(entries).map(([name, {summary}]) => [`\`${show(name)}\``, summary])
}

function listProblems(problems: {[code: string]: readonly [state: string, remedy: string]}): string[][] {
  return Object.entries(problems).map(([code, [state, remedy]]) => [`\`${code}\``, state, remedy])
}
