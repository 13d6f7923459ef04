import type {JsonSchema} from '../../host/manifest.ts'
import {compileMapping, type Rendering, type RenderSource, renderMapping} from '../../host/mapping/render.ts'
import type {FieldInfo, FieldType, MappingDefinition, MappingProblem, MappingRow} from '../../host/types.ts'
import type {Json, JsonObject} from '../../runtime/protocol.ts'

export const NOW = Date.UTC(2027, 2, 31, 12)

export function describeField(label: string, change: Partial<FieldInfo> & {type?: FieldType} = {}): FieldInfo {
  const id = label.toLowerCase()
  return {id, label, type: 'text', path: [id], required: false, systemManaged: false, readOnly: false, ...change}
}

export const FIELDS: FieldInfo[] = [
  describeField('Subject'),
  describeField('Priority', {type: 'choice', choices: ['low', 'normal', 'high']}),
  describeField('Count', {type: 'number'}),
  describeField('Active', {type: 'boolean'}),
  describeField('Due', {type: 'date'}),
  describeField('Tags', {type: 'tags'}),
  describeField('Requester Name', {id: 'requester.name', path: ['requester', 'name'], aliases: ['Name']}),
  describeField('Phone', {id: 'cf:7', path: ['fields', 'Phone']}),
  describeField('Serial', {id: 'cf:8', path: ['fields', 'Serial']}),
  describeField('Serial', {id: 'cf:9', path: ['fields', 'Serial 2']}),
]

export const CONFIG_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    server: {type: 'string', format: 'uri'},
    base: {type: 'string', 'x-fp-context': 'ldap-dn'},
    port: {type: 'integer'},
    auth: {type: 'object', properties: {user: {type: 'string'}, password: {type: 'string', 'x-fp-secret': true}}},
  },
}

export const CONFIG: JsonObject = {
  server: 'https://x.test/api',
  base: 'OU=People,DC=x',
  port: 8080,
  auth: {user: 'bot', password: 'pa55-w0rd'},
}

export interface Mapped extends Rendering {
  /** Of the compiler; those of the values are in `problems`. */
  faults: MappingProblem[]
}

/** Compiles and renders a whole mapping. */
export function mapRecord(
  definition: Omit<MappingDefinition, 'action'>,
  {inputSchema = {}, ...source}: {inputSchema?: JsonSchema} & Partial<RenderSource>,
): Mapped {
  const context = {inputSchema, fields: FIELDS, configSchema: CONFIG_SCHEMA}
  const {compiled, problems} = compileMapping({action: 'do', ...definition}, context)
  return {...renderMapping(compiled, {record: {}, config: CONFIG, now: NOW, ...source}), faults: problems}
}

/** One row for the parameter `x`, over a record whose subject is the value. */
export function mapOne(
  template: string,
  {
    subject,
    x = {type: 'string'},
    row = {},
    tables = {},
    ...source
  }: {
    subject?: Json
    x?: JsonSchema
    row?: Partial<MappingRow>
    tables?: NonNullable<MappingDefinition['tables']>
  } & Partial<RenderSource> = {},
): Mapped {
  const inputSchema = {type: 'object', properties: {x}, additionalProperties: false}
  const record = source.record ?? (subject === undefined ? {} : {subject})
  return mapRecord({rows: [{target: 'x', template, ...row}], tables}, {inputSchema, ...source, record})
}

/** The value of `x`; what went wrong is thrown. */
export function takeX(template: string, options: Parameters<typeof mapOne>[1] = {}): Json | undefined {
  const {input, problems, faults} = mapOne(template, options)
  const errors = [...faults.filter(({severity}) => severity === 'error'), ...problems]
  if (errors[0]) throw new Error(`${errors[0].code}: ${errors[0].message}`)
  return input.x
}
