import fc from 'fast-check'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {createFrameReader, encodeFrame, FramingError} from '../../runtime/framing.ts'

const test = suite('framing')

/** Feeds bytes in pieces of the given sizes; returns the messages. */
function read(bytes: Buffer, sizes: number[], onStray?: (bytes: Buffer) => void): unknown[] {
  const messages: unknown[] = []
  const reader = createFrameReader({onMessage: message => messages.push(message), ...(onStray && {onStray})})
  let start = 0
  for (let piece = 0; start < bytes.length; piece++) {
    const end = start + (sizes[piece % sizes.length] ?? bytes.length)
    reader.push(bytes.subarray(start, end))
    start = end
  }
  return messages
}

const message = fc.record(
  {jsonrpc: fc.constant('2.0'), id: fc.nat(), result: fc.string({unit: 'binary'})},
  {noNullPrototype: true},
)
const sizes = fc.array(fc.integer({min: 1, max: 40}), {minLength: 1, maxLength: 8})

test('hands out what was encoded, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(message, {maxLength: 8}), sizes, (messages, cut) => {
      const bytes = Buffer.from(messages.map(encodeFrame).join(''))
      assert.equal(read(bytes, cut), messages)
    }),
  )
})

test('resyncs on the next header where the platform lets prints through, and hands on every stray byte', () => {
  const stray = fc.string({maxLength: 60}).filter(text => !text.includes('Content-Length: '))
  fc.assert(
    fc.property(fc.array(fc.tuple(stray, message), {minLength: 1, maxLength: 6}), sizes, (pairs, cut) => {
      const printed: Buffer[] = []
      const bytes = Buffer.from(pairs.map(([text, sent]) => `${text}\n${encodeFrame(sent)}`).join(''))
      assert.equal(
        read(bytes, cut, part => printed.push(part)),
        pairs.map(([, sent]) => sent),
      )
      assert.is(Buffer.concat(printed).toString(), pairs.map(([text]) => `${text}\n`).join(''))
    }),
  )
})

test('takes Content-Type and any case, as the LSP base protocol has it', () => {
  const body = '{"jsonrpc":"2.0"}'
  const bytes = Buffer.from(
    `content-type: application/vscode-jsonrpc; charset=utf-8\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  )
  assert.equal(read(bytes, [1000]), [{jsonrpc: '2.0'}])
})

const frame = (body: string): string => `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
const breaches: [name: string, bytes: string | Buffer, words: RegExp][] = [
  ['a banner', 'Listening on port 1\n', /a header is not of the protocol: "L/],
  ['no length', 'Content-Type: x\r\n\r\n', /without Content-Length/],
  ['a huge length', 'Content-Length: 10000000000\r\n\r\n', /not of the protocol/],
  ['a length over the limit', 'Content-Length: 16777217\r\n\r\n', /over the limit of 16777216/],
  ['a negative length', 'Content-Length: -1\r\n\r\n', /not of the protocol/],
  ['a hexadecimal length', 'Content-Length: 0x10\r\n\r\n', /not of the protocol/],
  ['two lengths', 'Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}', /not of the protocol/],
  ['a header without end', `Content-Length: 2\r\n${'X: y\r\n'.repeat(400)}`, /not of the protocol/],
  ['an empty frame', 'Content-Length: 0\r\n\r\n', /empty/],
  ['half JSON', frame('{"a":'), /not JSON/],
  [
    'broken UTF-8',
    Buffer.concat([Buffer.from('Content-Length: 3\r\n\r\n"'), Buffer.from([0xff]), Buffer.from('"')]),
    /not UTF-8/,
  ],
  ['deep nesting', frame('['.repeat(65) + ']'.repeat(65)), /deeper than 64/],
  [
    'deep nesting in a large frame',
    frame(`["${'x'.repeat(1_100_000)}",${'['.repeat(100_000)}${']'.repeat(100_000)}]`),
    /deeper than 64/,
  ],
  ['__proto__', frame('{"a":[{"__proto__":{"x":1}}]}'), /key "__proto__"/],
  ['an escaped __proto__', frame('{"\\u005f_proto__":1}'), /key "__proto__"/],
  ['constructor', frame('{"constructor":{"prototype":1}}'), /key "constructor"/],
]
for (const [name, bytes, words] of breaches) {
  test(`refuses ${name} and names the bytes, in one piece or byte by byte`, () => {
    const all = Buffer.from(bytes)
    for (const cut of all.length > 100_000 ? [1000] : [1, all.length]) {
      assert.throws(
        () => read(all, [cut]),
        (error: Error) => error instanceof FramingError && words.test(error.message),
      )
    }
  })
}

test('takes what is just within the limits', () => {
  const deep = '['.repeat(64) + ']'.repeat(64)
  assert.equal(read(Buffer.from(frame(deep)), [7]).length, 1)
  const large = frame(JSON.stringify('x'.repeat(16 * 1024 * 1024 - 2)))
  assert.is((read(Buffer.from(large), [65_536])[0] as string).length, 16 * 1024 * 1024 - 2)
})

test('mutated frames are refused or read, and nothing else happens', () => {
  const good = Buffer.from(
    [1, 2, 3].map(id => encodeFrame({jsonrpc: '2.0', id, result: {text: 'a "b" {c} [d]'}})).join(''),
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), {minLength: 1, maxLength: 5}),
      sizes,
      (changes, cut) => {
        const bytes = Buffer.from(good)
        for (const [at, byte] of changes) bytes[at] = byte
        try {
          read(bytes, cut)
        } catch (error) {
          assert.instance(error, FramingError)
        }
      },
    ),
    {numRuns: 3000},
  )
})

test.run()
