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

const LONG = 'correct-horse-battery-staple'

test('a secret over two lines is taken out of one of them at least, in any encoding, wherever it is split', () => {
  const lines = createRedactor([LONG])
  const forms = [LONG, Buffer.from(LONG).toString('base64'), Buffer.from(LONG).toString('hex')]
  for (const form of forms) {
    for (let at = 1; at < form.length; at++) {
      const shown = [lines.line(`before ${form.slice(0, at)}`), lines.line(`${form.slice(at)} after`)]
      const left = [shown[0]?.slice('before '.length), shown[1]?.slice(0, -' after'.length)].filter(
        piece => piece !== '[secret]',
      )
      ok(left.length < 2 && (left[0]?.length ?? 0) < form.length * 0.4, `${form} at ${at}: ${shown}`)
    }
  }
  const whole = `before ${LONG.slice(0, 10)}`
  is(createRedactor(['another-secret']).line(whole), whole)
})

test('a piece alone in a line is taken out, and the end of a line that was cut', () => {
  const lines = createRedactor([LONG])
  is(lines.line(LONG.slice(5, 20)), '[secret]')
  is(lines.line(`long ${LONG.slice(0, 20)} [cut: 99 bytes more]`), 'long [secret] [cut: 99 bytes more]')
  is(lines.line(`${LONG} and ${LONG.slice(0, 15)}`), '[secret] and [secret]')
  is(lines.line('a correct answer on a horse'), 'a correct answer on a horse', 'words of it stay')
})

test('each line of a secret of several lines is taken out, but for what all of its kind have', () => {
  const pem =
    '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\nAgEGCCqGSM49AwEHBG0w\nshort\n-----END PRIVATE KEY-----\n'
  const lines = createRedactor([pem])
  equal(
    pem.split('\n').map(line => lines.line(line)),
    ['-----BEGIN PRIVATE KEY-----', '[secret]', '[secret]', 'short', '-----END PRIVATE KEY-----', ''],
  )
  is(lines.text(JSON.stringify({key: pem})), '{"key":"[secret]"}')
})

test('a line of a hundred thousand characters is read in one go, with fifty secrets', () => {
  const secrets = Array.from({length: 50}, (_, index) => `${LONG}-${index}`)
  const lines = createRedactor(secrets)
  const long = 'correct-horse-battery '.repeat(5000)
  is(lines.line(`${long}${LONG}-49 end`), `${long}[secret] end`)
})

test.run()
