import type {Json} from 'plugin-host/sdk'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {extractValue, findJson, type Readable, splitJsonPath} from '../../answer/extract-value.ts'
import {failureOf} from '../call.ts'

const test = suite('extract-value')
const VALUE: Json = {items: [{id: 7, 'a/b': '~', 'x.y': 1}], no: null, ok: false}

function answer(text: string, type = '', complete = true): Readable {
  return {text, complete, headers: {'content-type': type, 'x-id': '42', 'set-cookie': ['a', 'b']}}
}

test('JSON values are found by pointer and by dotted path', () => {
  const cases: [string, Json | undefined][] = [
    ['/items/0/id', 7],
    ['items.0.id', 7],
    ['items[0].id', 7],
    ['$.items[0].id', 7],
    ['/items/0/a~1b', '~'],
    ['/items/0/x.y', 1],
    ['/no', null],
    ['ok', false],
    ['', VALUE],
    ['items.1.id', undefined],
    ['items.length', undefined],
    ['items.id', undefined],
    ['ok.x', undefined],
    ['constructor.name', undefined],
    ['__proto__', undefined],
  ]
  for (const [path, found] of cases) assert.equal(findJson(VALUE, splitJsonPath(path)), found, path)
})

const XML = `<?xml version="1.0"?>
<s:Envelope xmlns:s="urn:s"><s:Body><reply state="ok">
  <item id="1"> 0042 </item><item id="2">a<b>c</b> &amp; <![CDATA[<d>]]></item>
</reply></s:Body></s:Envelope>`

test('XML values are found by names, positions and attributes, prefixes aside', async () => {
  const cases: [string, string | undefined][] = [
    ['Envelope/Body/reply/item', '0042'],
    ['s:Envelope/s:Body/reply/item[2]', 'ac & <d>'],
    ['/Envelope/Body/reply/@state', 'ok'],
    ['Envelope/Body/reply/item[2]/@id', '2'],
    ['Envelope/Body/reply/item[3]', undefined],
    ['Envelope/reply', undefined],
    ['reply', undefined],
    ['Envelope/@state/x', undefined],
    ['Envelope/constructor', undefined],
    ['Envelope/Body/@constructor', undefined],
  ]
  for (const [path, found] of cases) assert.equal(await extractValue(answer(XML, 'text/xml'), {path}), found, path)
})

test('Entities of a DOCTYPE are neither fetched nor let grow', async () => {
  const lines = Array.from({length: 20}, (_, index) => `<!ENTITY e${index + 1} "${`&e${index};`.repeat(10)}">`)
  const bomb = `<!DOCTYPE x [<!ENTITY e0 "ha">${lines.join('')}]><x>&e20;</x>`
  const external = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'
  for (const text of [bomb, external]) {
    const found = await extractValue(answer(text, 'text/xml'), {path: 'x'}).catch((error: Error) => error.message)
    assert.ok(String(found).length < 200, String(found).slice(0, 300))
  }
})

test('Headers are found by name in any case', async () => {
  assert.is(await extractValue(answer(''), {from: 'header', path: 'X-Id'}), '42')
  assert.is(await extractValue(answer(''), {from: 'header', path: 'Set-Cookie'}), 'a, b')
  assert.is(await extractValue(answer(''), {from: 'header', path: 'constructor'}), undefined)
})

test('Where to look is guessed from the content type, then from the text', async () => {
  assert.is(await extractValue(answer('{"a":1}', 'application/problem+json'), {path: 'a'}), 1)
  assert.is(await extractValue(answer(' <a>1</a>', 'application/octet-stream'), {path: 'a'}), '1')
  assert.is(await extractValue(answer('{"a":1}'), {path: 'a'}), 1)
  assert.is(await extractValue(answer(''), {path: 'a'}), undefined)
})

test('An answer that is cut or is no JSON or XML is told as such', async () => {
  for (const [text, type, complete] of [
    ['{"a":', 'application/json', true],
    ['<a><b></a>', 'text/xml', true],
    ['{"a":1}', 'application/json', false],
  ] as const) {
    const {category, code} = await failureOf(extractValue(answer(text, type, complete), {path: 'a'}))
    assert.equal([category, code], ['business', 'ANSWER_UNREADABLE'])
  }
})

test.run()
