import {suite} from 'uvu'
import {equal, is, ok} from 'uvu/assert'
import {createRedactor} from '../../host/registry/redact.ts'

const test = suite('redact')
const SECRET = 'pä"ss/w\\ö+r d€1'
const redactor = createRedactor([SECRET])
const bytes = Buffer.from(SECRET)

const encodings: {[name: string]: string} = {
  raw: SECRET,
  'as JSON': JSON.stringify({password: SECRET}),
  'as JSON in JSON': JSON.stringify({body: JSON.stringify({password: SECRET})}),
  'as ASCII JSON': '"p\\u00e4\\"ss/w\\\\\\u00f6+r d\\u20ac1"',
  'in a URL': `http://h/?p=${encodeURIComponent(SECRET)}&x=1`,
  'in a URL in lower case': encodeURIComponent(SECRET).replaceAll(/%../g, code => code.toLowerCase()),
  'in a form': new URLSearchParams({p: SECRET}).toString(),
  base64: bytes.toString('base64'),
  base64url: bytes.toString('base64url'),
  hex: bytes.toString('hex'),
  'hex in capitals': bytes.toString('hex').toUpperCase(),
  'in Basic authentication': Buffer.from(`user:${SECRET}`).toString('base64'),
}

for (const [encoding, text] of Object.entries(encodings)) {
  test(`a secret is taken out ${encoding}`, () => {
    const redacted = redactor.text(`before ${text} after`)
    ok(redacted.includes('[secret]'), redacted)
    ok(redacted.startsWith('before ') && redacted.endsWith(' after'), redacted)
    for (const form of [SECRET, 'ss/w', bytes.toString('hex').slice(4, 16), bytes.toString('base64').slice(4, 12)]) {
      ok(!redacted.toLowerCase().includes(form.toLowerCase()), redacted)
    }
    is(createRedactor(['another-secret']).text(text), text)
  })
}

test('base64 finds the secret at all three offsets within something longer', () => {
  for (const before of ['', 'a', 'ab', 'abc']) {
    const text = Buffer.from(`${before}${SECRET}tail`).toString('base64')
    ok(redactor.text(text).includes('[secret]'), `after "${before}"`)
  }
})

test('values below 6 characters are left alone, and so is everything when there is no secret', () => {
  is(createRedactor(['short']).text('short'), 'short')
  is(createRedactor(['short']).empty, true)
  is(createRedactor(['longer']).text('a longer one, longer still'), 'a [secret] one, [secret] still')
})

test('overlapping secrets leave nothing of either', () => {
  const both = createRedactor(['abcdefgh', 'efghijkl', 'abcdefghij'])
  is(both.text('xabcdefghijkly'), 'x[secret]y')
  is(createRedactor(['aaaaaaaa']).text(`x${'a'.repeat(21)}y`), 'x[secret]y')
  is(createRedactor(['abcabcabc']).text('xabcabcabcabcaby'), 'x[secret]y')
})

test('a hostile text is read in linear time', () => {
  const text = `${'a'.repeat(2_000_000)}b`
  is(createRedactor([`${'a'.repeat(500)}`]).text(text), '[secret]b')
})

test('JSON values are redacted in keys, strings and numbers, and copied only when something was found', () => {
  const value = {a: [{[`key ${SECRET}`]: 1}], text: `x ${SECRET}`, same: true, none: null, pin: 12345678}
  equal(createRedactor([SECRET, '12345678']).json(value), {
    a: [{'key [secret]': 1}],
    text: 'x [secret]',
    same: true,
    none: null,
    pin: '[secret]',
  })
  is(value.text, `x ${SECRET}`)
  const clean = {a: [1, 'two']}
  is(redactor.json(clean), clean)
})

test('a redacted copy keeps the order of keys, and a key named __proto__ stays a key', () => {
  const value: unknown = JSON.parse(`{"z": 1, "__proto__": {"x": ${JSON.stringify(SECRET)}}, "a": 2}`)
  is(JSON.stringify(redactor.json(value)), '{"z":1,"__proto__":{"x":"[secret]"},"a":2}')
})

test('a value nested 200,000 deep is redacted like any other', () => {
  let value: unknown = SECRET
  for (let depth = 0; depth < 200_000; depth++) value = [value]
  let found: unknown = redactor.json(value)
  while (Array.isArray(found)) found = found[0]
  is(found, '[secret]')
})

test.run()
