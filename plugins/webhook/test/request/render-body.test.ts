import {XMLParser} from 'fast-xml-parser'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {type BodyType, renderBody} from '../../request/render-body.ts'
import {failureOf} from '../call.ts'

const test = suite('render-body')

async function textOf(type: BodyType, body: unknown): Promise<string | undefined> {
  return (await renderBody(type, body))?.text
}

test('JSON comes from a value or from text that is JSON already', async () => {
  assert.equal(await renderBody('json', {a: ['ü', null]}), {text: '{"a":["ü",null]}', contentType: 'application/json'})
  assert.is(await textOf('json', '{"a": 1.0}'), '{"a": 1.0}')
  assert.is(await textOf('json', undefined), undefined)
  assert.is(await textOf('none', {a: 1}), undefined)
  const {category, field, message} = await failureOf(renderBody('json', '{"password":"hunter2",}'))
  assert.equal({category, field}, {category: 'input', field: '/input/body'})
  assert.not.match(message, 'hunter2')
})

test('A form encodes names and values and repeats lists', async () => {
  assert.is(
    await textOf('form', {to: '+49 151', 'a&b': ['x=y', 2, true], none: null}),
    'to=%2B49+151&a%26b=x%3Dy&a%26b=2&a%26b=true',
  )
  assert.is(await textOf('form', 'a=1&b=2'), 'a=1&b=2')
  for (const body of [{a: {b: 1}}, [1], 7]) assert.is((await failureOf(renderBody('form', body))).category, 'input')
})

test('Text is sent as it is, and an object is not taken for one', async () => {
  assert.is(await textOf('text', 'Grüße\n'), 'Grüße\n')
  assert.is(await textOf('text', 42), '42')
  assert.is((await failureOf(renderBody('text', {}))).category, 'input')
})

test('XML of an object reads back as what was given, markup in values included', async () => {
  const order = {
    '@id': `7"<&>'`,
    item: [{name: 'Laptop <15"> & Co ]]>'}, {name: '<!--x-->'}],
    note: {'@lang': 'de', '#text': '&amp;'},
    empty: '',
  }
  const text = (await textOf('xml', {order})) ?? ''
  assert.match(text, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<order /)
  const parser = new XMLParser({ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false})
  const {'?xml': _, ...read} = parser.parse(text) as {[name: string]: unknown}
  assert.equal(read, {order})
})

test('XML refuses two roots, names that are none, and characters it cannot carry', async () => {
  const hostile = [
    {a: 1, b: 2},
    {a: [1, 2]},
    [1],
    7,
    {'a b': 1},
    {a: {'><evil/>': 1}},
    {a: {'@x="1" y': 1}},
    {a: {'?php': 1}},
    {'?xml': {}},
    {a: {'@x': {}}},
    {a: 'bell\u0007'},
    {a: 'half \ud800'},
  ]
  for (const body of hostile) {
    assert.is((await failureOf(renderBody('xml', body))).category, 'input', JSON.stringify(body))
  }
  let deep: unknown = 1
  for (let depth = 0; depth < 100; depth++) deep = {a: deep}
  assert.match((await failureOf(renderBody('xml', deep))).message, 'nested deeper')
})

test('XML given as text must be well-formed and is sent unchanged', async () => {
  assert.is(await textOf('xml', '<a  b="1"><c/></a>'), '<a  b="1"><c/></a>')
  assert.is((await failureOf(renderBody('xml', '<a><b></a>'))).category, 'input')
})

test.run()
