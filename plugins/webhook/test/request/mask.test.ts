import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {createMask, showHeaders} from '../../request/mask.ts'
import {makeConfig} from '../call.ts'

const test = suite('mask')
const SECRET = 'p&ss "wörd"'

test('A secret is hidden as it is, in a URL, in JSON and in basic credentials', () => {
  const mask = createMask(makeConfig({auth: {type: 'basic', username: 'ann', password: SECRET}}))
  const forms = [
    SECRET,
    encodeURIComponent(SECRET),
    new URLSearchParams({SECRET}).toString().slice(7),
    JSON.stringify(SECRET).slice(1, -1),
    Buffer.from(`ann:${SECRET}`).toString('base64'),
  ]
  for (const form of forms) assert.is(mask.text(`<${form}>`), '<••••••>')
  assert.equal(mask.value({a: [`x ${SECRET}`], n: 1, [SECRET]: null}), {a: ['x ••••••'], n: 1, '••••••': null})
})

test('Every secret field of the configuration is hidden, and a token learnt later', () => {
  const names = ['password', 'token', 'apiKey', 'clientSecret']
  const auth = {type: 'none', ...Object.fromEntries(names.map(name => [name, `secret-${name}`]))}
  const mask = createMask(
    makeConfig({
      auth,
      tls: {key: 'secret-key', passphrase: 'secret-phrase'},
      proxy: {url: 'http://p', password: 'secret-proxy'},
    }),
  )
  mask.add('issued-token')
  for (const secret of [
    ...names.map(name => `secret-${name}`),
    'secret-key',
    'secret-phrase',
    'secret-proxy',
    'issued-token',
  ]) {
    assert.is(mask.text(secret), '••••••', secret)
  }
})

test('Short secrets do not blot out ordinary words', () => {
  const mask = createMask(makeConfig({auth: {type: 'bearer', token: 'a'}}))
  assert.is(mask.text('a banana'), 'a banana')
})

test('Headers that carry credentials by their name are hidden whatever they hold', () => {
  const headers = ['Authorization', 'X-API-Key', 'Cookie', 'X-Auth-Token', 'X-Hub-Signature'].map(name => ({
    name,
    value: 'v',
  }))
  const shown = showHeaders([...headers, {name: 'Accept', value: 'v'}], createMask(makeConfig()))
  assert.equal(Object.values(shown), ['••••••', '••••••', '••••••', '••••••', '••••••', 'v'])
})

test.run()
