import {hash} from 'node:crypto'
import {readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match, ok, throws} from 'uvu/assert'
import {isHostError} from '../../host/errors.ts'
import {openTokens} from '../../host/registry/tokens.ts'
import {withStore} from '../support/store.ts'

const test = suite('tokens')
const admin = {name: 'admin', scopes: ['admin']}
const other = (text: string): string => (text.endsWith('A') ? `${text.slice(0, -1)}B` : `${text.slice(0, -1)}A`)

test('the first start makes an administrator’s token that only the owner can read, and stores no secret', () =>
  withStore(({store, clock, folder}) => {
    const file = join(folder, 'token')
    const tokens = openTokens(file, {store, clock})
    const bearer = readFileSync(file, 'utf8').trim()
    match(bearer, /^fph_[0-9a-f]+_[A-Za-z0-9_-]{43}$/)
    if (process.platform !== 'win32') is(statSync(file).mode & 0o777, 0o400)
    equal(tokens.authenticate(bearer), admin)
    const [row] = store.tokens.list()
    equal(Buffer.from(row?.secretSha256 ?? []), hash('sha256', bearer.slice(-43), 'buffer'))
    ok(!JSON.stringify(row).includes(bearer.slice(-43)))
  }))

test('the token outlives a restart, and the file is not needed any more', () =>
  withStore(({store, clock, folder}) => {
    const file = join(folder, 'token')
    openTokens(file, {store, clock})
    const bearer = readFileSync(file, 'utf8').trim()
    rmSync(file)
    equal(openTokens(file, {store, clock}).authenticate(bearer), admin)
    is(store.tokens.list().length, 1)
  }))

test('a start that ended between file and store is made good; a file that is no token is refused, not replaced', () =>
  withStore(({store, clock, folder}) => {
    const file = join(folder, 'token')
    const bearer = `fph_ab12_${'x'.repeat(43)}`
    writeFileSync(file, 'something else')
    throws(
      () => openTokens(file, {store, clock}),
      (error: unknown) => isHostError(error, 'HOST_STORE_FAILED'),
    )
    is(readFileSync(file, 'utf8'), 'something else')
    writeFileSync(file, `${bearer}\n`)
    equal(openTokens(file, {store, clock}).authenticate(bearer), admin)
  }))

test('wrong, unknown, malformed and missing tokens are all the same nothing, also after a right one', () =>
  withStore(({store, clock, folder}) => {
    const file = join(folder, 'token')
    const tokens = openTokens(file, {store, clock})
    const bearer = readFileSync(file, 'utf8').trim()
    equal(tokens.authenticate(bearer), admin)
    const wrong = [
      '',
      'x',
      other(bearer),
      bearer.replace('fph_', 'fph_0'),
      `${bearer}x`,
      ` ${bearer}`,
      bearer.slice(0, -1),
    ]
    for (const text of wrong) is(tokens.authenticate(text), undefined, text)
    equal(tokens.authenticate(bearer), admin)
  }))

test('a token ends at its time, also when it was in use before', () =>
  withStore(({store, clock, folder}) => {
    const tokens = openTokens(join(folder, 'token'), {store, clock})
    const secret = 'y'.repeat(43)
    store.tokens.insert({
      id: 'temp',
      name: 'temp',
      secretSha256: hash('sha256', secret, 'buffer'),
      scopes: ['read'],
      createdAt: clock.now(),
      expiresAt: clock.now() + 1000,
      lastUsedAt: null,
    })
    clock.advance(999)
    equal(tokens.authenticate(`fph_temp_${secret}`), {name: 'temp', scopes: ['read']})
    clock.advance(1)
    is(tokens.authenticate(`fph_temp_${secret}`), undefined)
  }))

test('its last use is noted, at most once a minute', () =>
  withStore(({store, clock, folder}) => {
    const file = join(folder, 'token')
    const tokens = openTokens(file, {store, clock})
    const bearer = readFileSync(file, 'utf8').trim()
    const first = clock.now()
    const lastUse = (): unknown => store.tokens.list()[0]?.lastUsedAt
    tokens.authenticate(bearer)
    clock.advance(59_000)
    tokens.authenticate(bearer)
    clock.advance(50)
    is(lastUse(), first)
    clock.advance(1000)
    tokens.authenticate(bearer)
    clock.advance(50)
    is(lastUse(), first + 60_050)
  }))

test.run()
