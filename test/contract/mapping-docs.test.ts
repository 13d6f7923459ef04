/** The examples of docs/mapping.md, run. */
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {composeCatalogue} from '../../host/main-server/desk-catalogue.ts'
import {CONTEXTS} from '../../host/mapping/contexts.ts'
import {FILTERS} from '../../host/mapping/filters.ts'
import {DATE_FORMATS, DATE_TOKENS} from '../../host/mapping/format-date.ts'
import {compileMapping, renderMapping} from '../../host/mapping/render.ts'
import {type MappingDefinition, OPERATORS} from '../../host/types.ts'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {readBlock, readCode, readPage, readTable} from '../support/markdown.ts'

const test = suite('mapping.md')
const page = readPage('docs/mapping.md')
const custom = {module: 'request' as const, required: false, systemManaged: false}
const fields = composeCatalogue('request', [
  {...custom, id: '1', label: 'Due', type: 'date'},
  {...custom, id: '2', label: 'Tags', type: 'tags'},
  {...custom, id: '3', label: 'Account', type: 'text'},
])
const ticket = JSON.parse(readBlock(page, 'json ticket') ?? '') as JsonObject
const [, levels = ''] = /where `levels` is `([^`]+)`/.exec(page) ?? []
const tables = {levels: JSON.parse(levels)} as NonNullable<MappingDefinition['tables']>

function fill(template: string): Json | undefined {
  const context = {inputSchema: {}, configSchema: {}, fields}
  const {compiled, problems} = compileMapping({action: 'x', rows: [{target: 'x', template}], tables}, context)
  const {input, problems: others} = renderMapping(compiled, {record: ticket, config: {}, now: 0})
  assert.equal(
    [...problems, ...others].filter(({severity}) => severity === 'error'),
    [],
    template,
  )
  return input.x
}

test('every example gives what it says', () => {
  const lines = readBlock(page, 'text examples')?.split('\n') ?? []
  assert.ok(lines.length > 10)
  for (const line of lines) {
    const [template = '', result = ''] = line.split(/ +=> {2}/)
    assert.equal(fill(template), JSON.parse(result), template)
  }
  // A wrong one would be seen.
  assert.not.equal(fill('{#Requester Name|upper}'), 'Ann Berg')
})

test('the first mapping is one', () => {
  const block = readBlock(page, 'json') ?? ''
  const definition = JSON.parse(block) as MappingDefinition
  const secret = {type: 'string', 'x-fp-secret': true}
  const context = {
    inputSchema: {properties: {cn: {}, department: {}, headers: {}, password: secret}},
    configSchema: {properties: {initialPassword: secret}},
    fields,
  }
  assert.equal(compileMapping(definition, context).problems, [])
})

test('all filters, contexts, operators and pieces of a date are told', () => {
  const names = (head: string): string[] => readTable(page, head).flatMap(([cell = '']) => readCode(cell).slice(0, 1))
  const words = names('filter').map(usage => usage.split(/[:[]/)[0])
  assert.equal(words, Object.keys(FILTERS))
  assert.equal(names('context'), Object.keys(CONTEXTS))
  const operators = readTable(page, '`is`').flatMap(([cell = '']) => readCode(cell))
  assert.equal(operators.sort(), [...OPERATORS].sort())
  const [, formats = '', tokens = ''] = /format is one of (.*?), or made of `([^`]*)`/s.exec(page) ?? []
  assert.equal(readCode(formats).sort(), [...DATE_FORMATS].sort())
  assert.equal(tokens.split(/\s+/).sort(), [...DATE_TOKENS].sort())
})

test.run()
