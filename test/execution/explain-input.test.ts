import {suite} from 'uvu'
import {equal} from 'uvu/assert'
import {explainInput} from '../../host/execution/explain-input.ts'

const test = suite('an input explained')
const mapping = {name: 'joiner', revision: 3}

test('each row of the mapping is shown with the value that was used, and what is from elsewhere after it', () => {
  const input = {name: 'Ann', address: {city: 'Bonn', zip: '53111'}, groups: ['a', 'b'], note: '', 'a.b': 1, ou: {}}
  const rows = [
    {target: 'name', template: '{#Name}'},
    {target: 'address.city', template: '{#City}'},
    {target: 'a\\.b', template: '{#Count}'},
    {target: 'phone', template: '{#Phone}'},
    {target: 'groups', template: '{#Groups}'},
  ]
  equal(explainInput({input, mapping}, {rows}), {
    mapping,
    rows: [
      {target: 'name', configured: '{#Name}', used: 'Ann'},
      {target: 'address.city', configured: '{#City}', used: 'Bonn'},
      {target: 'a\\.b', configured: '{#Count}', used: 1},
      {target: 'phone', configured: '{#Phone}', used: null},
      {target: 'groups', configured: '{#Groups}', used: ['a', 'b']},
      {target: 'address.zip', configured: null, used: '53111'},
      {target: 'note', configured: null, used: ''},
      {target: 'ou', configured: null, used: {}},
    ],
  })
})

test('without a mapping, or with one nobody knows any more, there are values only', () => {
  const rows = [{target: 'n', configured: null, used: 5}]
  equal(explainInput({input: {n: 5}, mapping: null}, undefined), {mapping: null, rows})
  equal(explainInput({input: {n: 5}, mapping}, undefined), {mapping, rows})
})

test('an input that is no object has at most one value, and names of the prototype are no fields', () => {
  equal(explainInput({input: {}, mapping: null}, undefined).rows, [])
  equal(explainInput({input: [1], mapping: null}, undefined).rows, [{target: '', configured: null, used: [1]}])
  equal(explainInput({input: null, mapping: null}, undefined).rows, [{target: '', configured: null, used: null}])
  const rows = [{target: 'constructor.name', template: 'x'}]
  equal(explainInput({input: {}, mapping}, {rows}).rows, [{target: 'constructor.name', configured: 'x', used: null}])
})

test.run()
