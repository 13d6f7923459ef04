import fc from 'fast-check'
import type {Json, JsonObject} from '../../../runtime/protocol.ts'

const ROW = {target: 'name', template: 'Hello {#Subject|upper}', missing: 'omit'}
const RULE = {
  name: 'A rule',
  trigger: {kind: 'event', events: ['request.created']},
  when: {all: [{field: 'Status', is: 'equal', value: 'open'}, {any: [{field: 'Subject', is: 'contains', value: 'x'}]}]},
  actions: [{key: 'one', registration: 'echo', action: 'echo', rows: [ROW]}],
}
const SCHEDULE = {
  ...{name: 'A schedule', registration: 'echo', action: 'echo', input: {name: 'x'}},
  ...{cron: '0 3 * * *', timeZone: 'Europe/Berlin'},
}

/** Bodies that a server with the plugin `echo` may well accept: from them random ones get past the first checks. */
export const EXAMPLES: {[operation: string]: JsonObject[]} = {
  activatePlugin: [{version: '1.0.0'}, {version: '1.0.0', force: true}],
  createRegistration: [
    {plugin: 'echo', name: 'Another'},
    {plugin: 'echo', name: 'Third', config: {}, draft: true},
  ],
  updateRegistration: [{notes: 'x'}, {settings: {concurrency: 2}}, {config: {}}],
  testRegistration: [{}, {config: {}}],
  executeAction: [
    {input: {name: 'x'}},
    {input: {name: 'x'}, mode: 'test'},
    {mapping: 'main', record: 'request:1'},
    {mapping: 'main', record: {Subject: 'x'}},
    {rows: [ROW], record: 'request:1'},
  ],
  saveMapping: [{action: 'echo', rows: [ROW]}],
  previewMapping: [
    {registration: 'echo', mapping: 'main', record: 'request:1'},
    {registration: 'echo', mapping: {action: 'echo', rows: [ROW]}, record: {Subject: 'x'}},
  ],
  createRequest: [{subject: 'x'}, {subject: 'x', description: 'y', fields: {}}],
  updateRequest: [{subject: 'y'}, {status: 'open'}],
  createAsset: [{name: 'pc', type: 'laptop'}],
  updateAsset: [{name: 'pc2'}],
  createUser: [{name: 'Ann', email: 'ann@example.com'}],
  updateUser: [{phone: '1'}],
  addNote: [{text: 'x'}, {text: 'x', public: true}],
  createField: [{label: 'Floor', type: 'number'}],
  sendEvent: [
    {type: 'request.created', record: {id: '1', subject: 'x'}},
    {id: 'e1', type: 'request.created', record: {}},
  ],
  createRule: [{...RULE, id: 'second'}, RULE],
  updateRule: [{enabled: false}, RULE],
  testRule: [{record: {Subject: 'x', Status: 'open'}}, {record: 'request:1'}, {event: 'e1'}],
  runScenario: [{record: 'request:1'}],
  createSchedule: [{...SCHEDULE, id: 'second'}, SCHEDULE],
  updateSchedule: [{cron: '*/5 * * * *'}, {enabled: false}],
  previewSchedule: [
    {cron: '30 2 * * *', timeZone: 'America/New_York'},
    {cron: '0 0 29 2 *', limit: 3},
  ],
  createToken: [
    {name: 'one', scopes: ['read']},
    {name: 'two', scopes: ['execute:echo'], expiresAt: 4_000_000_000_000},
  ],
  rotateToken: [{}, {graceMs: 0}],
}

const ODD_LEAVES: Json[] = [
  ...[
    null,
    true,
    0,
    -1,
    1e300,
    1.5,
    '',
    'x',
    '\0',
    '\ud800',
    '__proto__',
    '{#',
    '{#Subject|',
    '{#steps.one.output}',
    '1e9999',
  ],
  ...[[], {}, [[]], {all: []}, 'x'.repeat(5000), '* * * * * *', 'Nowhere/None', '../..', 'request:1', 'request:', ':'],
]

/** An example, mostly with one leaf replaced by something odd. */
export function anyLike(examples: readonly JsonObject[]): fc.Arbitrary<Json> {
  const anyExample = fc.constantFrom(...examples)
  const broken = fc
    .tuple(anyExample, fc.nat(), fc.constantFrom(...ODD_LEAVES))
    .map(([example, at, odd]) => replaceLeaf(example, at, odd))
  return fc.oneof({weight: 1, arbitrary: anyExample as fc.Arbitrary<Json>}, {weight: 3, arbitrary: broken})
}

function replaceLeaf(example: JsonObject, at: number, odd: Json): Json {
  const paths = listPaths(example)
  const path = paths[at % Math.max(paths.length, 1)] ?? []
  return replaceAt(example, path, odd)
}

/** Of leaves and of what holds them. */
function listPaths(value: Json, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path]
  const below = Object.entries(value).flatMap(([key, child]) => listPaths(child as Json, [...path, key]))
  return path.length > 0 ? [path, ...below] : below
}

function replaceAt(value: Json, [key, ...rest]: string[], odd: Json): Json {
  if (key === undefined) return odd
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaceAt(item, rest, odd) : item))
  const object = value as JsonObject
  return {...object, [key]: replaceAt(object[key] ?? null, rest, odd)}
}
