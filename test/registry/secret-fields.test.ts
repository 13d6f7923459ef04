import {suite} from 'uvu'
import {equal} from 'uvu/assert'
import {listSecrets, maskSecrets, restoreSecrets} from '../../host/registry/secret-fields.ts'
import type {Problem} from '../../host/schema.ts'
import {SECRET_MASK} from '../../host/types.ts'
import type {Json, JsonObject} from '../../runtime/protocol.ts'

const test = suite('secret-fields')
const secret = {type: 'string', 'x-fp-secret': true}
const schema: JsonObject = {
  type: 'object',
  properties: {
    url: {type: 'string'},
    token: secret,
    servers: {type: 'array', items: {$ref: '#/$defs/server'}},
    headers: {type: 'object', additionalProperties: secret},
    byName: {type: 'object', patternProperties: {'^secret': secret}},
    pair: {type: 'array', prefixItems: [{type: 'string'}, secret]},
    keys: {type: 'object', 'x-fp-secret': true},
  },
  allOf: [{if: {required: ['mode']}, else: {properties: {extra: secret}}}],
  oneOf: [{properties: {auth: {properties: {password: secret}}}}, {properties: {auth: {type: 'null'}}}],
  $defs: {
    server: {
      type: 'object',
      properties: {host: {type: 'string'}, password: secret, next: {$ref: '#/$defs/server'}},
    },
  },
}
const config: JsonObject = {
  url: 'http://h',
  token: 'token-1',
  servers: [
    {host: 'a', password: 'pass-a', next: {host: 'n', password: 'pass-n'}},
    {host: 'b', password: 'pass-b'},
  ],
  headers: {'X-Key': 'key-1'},
  byName: {secretOne: 'one-11', other: 'shown'},
  pair: ['shown', 'hidden'],
  keys: {pem: 'pem-11', port: 4444},
  extra: 'extra-1',
  auth: {password: 'auth-1'},
}

test('secrets are masked wherever the schema marks them, and nothing else is', () => {
  const before = structuredClone(config)
  equal(maskSecrets(schema, config), {
    url: 'http://h',
    token: SECRET_MASK,
    servers: [
      {host: 'a', password: SECRET_MASK, next: {host: 'n', password: SECRET_MASK}},
      {host: 'b', password: SECRET_MASK},
    ],
    headers: {'X-Key': SECRET_MASK},
    byName: {secretOne: SECRET_MASK, other: 'shown'},
    pair: ['shown', SECRET_MASK],
    keys: SECRET_MASK,
    extra: SECRET_MASK,
    auth: {password: SECRET_MASK},
  })
  equal(config, before)
})

test('the texts of all secrets are listed, those inside a secret object too', () => {
  const found = ['token-1', 'pass-a', 'pass-n', 'pass-b', 'key-1', 'one-11', 'hidden', 'pem-11', '4444', 'extra-1']
  equal(listSecrets(schema, config).sort(), [...found, 'auth-1'].sort())
})

test('an empty secret is shown as empty: there is nothing to hide and nothing to keep', () => {
  equal(maskSecrets(schema, {token: ''}), {token: ''})
})

test('a schema that refers to itself without an end is no endless walk', () => {
  const endless: JsonObject = {
    $ref: '#/$defs/a',
    $defs: {a: {$ref: '#/$defs/b'}, b: {allOf: [{$ref: '#/$defs/a'}, secret]}},
  }
  equal(listSecrets(endless, 'the-secret'), ['the-secret'])
})

function restore(next: JsonObject): {value: Json; problems: Problem[]} {
  const problems: Problem[] = []
  return {value: restoreSecrets(next, config, maskSecrets(schema, config), problems), problems}
}

test('what was read can be sent back with another field changed', () => {
  const shown = maskSecrets(schema, config)
  equal(restore({...shown, url: 'http://i'}), {value: {...config, url: 'http://i'}, problems: []})
})

test('a removed list item does not hand its secret to the next one', () => {
  const [, second] = maskSecrets(schema, config).servers as Json[]
  equal(restore({servers: [second ?? null]}).value, {servers: [{host: 'b', password: 'pass-b'}]})
})

test('items in another order keep their own secrets; a changed one keeps its place', () => {
  const [first, second] = maskSecrets(schema, config).servers as JsonObject[]
  equal(restore({servers: [second ?? null, first ?? null]}).value, {
    servers: [(config.servers as Json[])[1] ?? null, (config.servers as Json[])[0] ?? null],
  })
  equal(restore({servers: [first ?? null, {...second, host: 'c'}]}).value, {
    servers: [(config.servers as Json[])[0] ?? null, {host: 'c', password: 'pass-b'}],
  })
})

test('a mask where no secret is kept is a problem with its place', () => {
  const {problems} = restore({url: SECRET_MASK, servers: [{host: 'z', password: SECRET_MASK}]})
  equal(
    problems.map(({pointer}) => pointer),
    ['/url', '/servers/0/password'],
  )
})

test.run()
