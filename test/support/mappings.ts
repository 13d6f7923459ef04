import {HostError} from '../../host/errors.ts'
import {createDesk, type Desk} from '../../host/main-server/desk.ts'
import type {Manifest} from '../../host/manifest.ts'
import {createMappings, type Mappings} from '../../host/mapping-verbs.ts'
import type {FieldInfo, MappingDefinition} from '../../host/types.ts'
import {echoManifest} from './echo-manifest.ts'
import {type RegistryTest, withRegistry} from './registry.ts'

/** Of the configuration. */
export const SECRET = 'pa55-w0rd-4711'
export const text = {type: 'string'}
export const input = {
  type: 'object',
  additionalProperties: false,
  required: ['text'],
  properties: {
    text: {type: 'string', maxLength: 20},
    level: {type: 'integer'},
    headers: {type: 'object', additionalProperties: {type: 'string', 'x-fp-context': 'header'}},
  },
}
export const manifest: Manifest = {
  ...echoManifest,
  id: 'sms',
  config: {schema: {type: 'object', required: ['key'], properties: {key: {...text, 'x-fp-secret': true}, from: text}}},
  actions: {
    send: {
      effect: 'send',
      input,
      output: {type: 'object', properties: {id: text}, additionalProperties: false},
      samples: [],
    },
  },
}
export const DEFINITION: MappingDefinition = {
  action: 'send',
  rows: [
    {target: 'text', template: '#{#Ticket Id#}: {#Subject|slice:0,10}'},
    {target: 'headers.Authorization', template: 'Key {#secret.key}'},
  ],
  output: [{source: 'output.id', field: 'SMS reference'}],
}

export interface MappingTest extends RegistryTest {
  mappings: Mappings
  desk: Desk
  /** Answers in place of the desk when it is set. */
  offline: {now: boolean; asked: number; fields: FieldInfo[] | undefined}
}

/** Mappings over a real store, registry and desk, with one registration and one request. */
export function withMappings(run: (test: MappingTest) => Promise<void>): Promise<void> {
  return withRegistry([manifest], async base => {
    const {store, clock, registrations, manifests} = base
    const desk = createDesk(store, clock, {})
    const offline: MappingTest['offline'] = {now: false, asked: 0, fields: undefined}
    await desk.createField({module: 'request', label: 'SMS reference', type: 'text', systemManaged: true})
    await desk.create('request', {subject: 'Mail does not arrive', requester: ''}, 'test')
    registrations.create({plugin: 'sms', id: 'sms', name: 'SMS', config: {key: SECRET, from: 'IT'}})
    const mappings = createMappings({
      clock,
      store,
      registrations,
      findManifest: id => manifests.get(id),
      mainServer: {
        get: desk.get,
        async listFields(module) {
          offline.asked++
          if (offline.now) throw new HostError('MAIN_SERVER_UNAVAILABLE', {reason: 'away'})
          return offline.fields ?? desk.listFields(module)
        },
      },
    })
    await run({...base, mappings, desk, offline})
  })
}
