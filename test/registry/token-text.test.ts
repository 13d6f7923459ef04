import {suite} from 'uvu'
import {equal, is, match, not} from 'uvu/assert'
import {createTokenText, hashSecret, parseToken} from '../../host/registry/token-text.ts'

const test = suite('token text')

test('what is made is read again, and each is another', () => {
  const [one, other] = [createTokenText(), createTokenText()]
  match(one.text, /^fph_[0-9a-f]{12}_[A-Za-z0-9_-]{43}_[0-9a-f]{8}$/)
  equal(parseToken(one.text), one)
  not.equal(one.secret, other.secret)
  is(hashSecret(one.secret).length, 32)
})

test('a checksum that does not fit is refused, none at all is not', () => {
  const {text, id, secret} = createTokenText()
  const bare = text.slice(0, -9)
  equal(parseToken(bare), {id, secret, text: bare})
  is(parseToken(`${bare}_00000000`), undefined)
  // Each single letter counts.
  for (let index = 0; index < bare.length; index++) {
    const typed = `${text.slice(0, index)}${text[index] === 'a' ? 'b' : 'a'}${text.slice(index + 1)}`
    is(parseToken(typed), undefined, typed)
  }
})

test('what is no token is none', () => {
  const {text} = createTokenText()
  for (const wrong of [
    '',
    'fph',
    'fph__',
    ` ${text}`,
    `${text}\n`,
    `${text}_`,
    text.toUpperCase(),
    text.slice(0, -1),
  ]) {
    is(parseToken(wrong), undefined, wrong)
  }
})

test.run()
