import {randomBytes} from 'node:crypto'
import {suite} from 'uvu'
import {is, not, throws} from 'uvu/assert'
import {seal, unseal} from '../../host/registry/seal.ts'

const test = suite('seal')
const key = randomBytes(32)

test('a sealed text opens with its key in its place, and is different each time', () => {
  const sealed = seal(key, 'here', 'pässword')
  is(unseal(key, 'here', sealed), 'pässword')
  not.equal(seal(key, 'here', 'pässword'), sealed)
  not.match(sealed, /p.*ssword/)
})

test('another key or another place does not open it', () => {
  const sealed = seal(key, 'here', 'text')
  throws(() => unseal(randomBytes(32), 'here', sealed))
  throws(() => unseal(key, 'there', sealed))
})

test('no single changed character goes unnoticed, nor does a shortened authentication tag', () => {
  const sealed = seal(key, 'here', 'text')
  for (let index = 0; index < sealed.length; index++) {
    const other = sealed[index] === 'A' ? 'B' : 'A'
    const changed = sealed.slice(0, index) + other + sealed.slice(index + 1)
    // The last character of a part may hold spare bits, which carry nothing.
    const sameBytes = sealed.split('.').every((part, at) => {
      return Buffer.from(part, 'base64url').equals(Buffer.from(changed.split('.')[at] ?? '', 'base64url'))
    })
    if (!sameBytes) throws(() => unseal(key, 'here', changed), undefined, `character ${index}`)
  }
  const [format, wrapped = '', body] = sealed.split('.')
  const short = Buffer.from(wrapped, 'base64url').subarray(0, 20).toString('base64url')
  throws(() => unseal(key, 'here', [format, short, body].join('.')), /cut short/)
  throws(() => unseal(key, 'here', `v2.${wrapped}.${body}`), /not a sealed text/)
})

test.run()
