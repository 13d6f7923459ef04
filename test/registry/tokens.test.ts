import {hash} from 'node:crypto'
import {existsSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {suite} from 'uvu'
import {equal, is, match, ok, throws} from 'uvu/assert'
import {type ErrorCode, isHostError} from '../../host/errors.ts'
import {parseToken} from '../../host/registry/token-text.ts'
import {openTokens, type Tokens} from '../../host/registry/tokens.ts'
import {type StoreTest, withStore} from '../support/store.ts'

const test = suite('tokens')
const ADMIN_TOKEN = /^fph_([0-9a-f]+)_[A-Za-z0-9_-]{43}_[0-9a-f]{8}$/
const admin = (bearer: string): object => ({name: 'admin', scopes: ['admin'], token: bearer.split('_')[1]})
const other = (text: string): string => (text.endsWith('A') ? `${text.slice(0, -1)}B` : `${text.slice(0, -1)}A`)

test('the first start makes an administrator’s token that only the owner can read, and stores no secret', () =>
  withStore(({store, clock, folder}) => {
    const file = join(folder, 'token')
    const tokens = openTokens(file, {store, clock})
    const bearer = readFileSync(file, 'utf8').trim()
    match(bearer, ADMIN_TOKEN)
    if (process.platform !== 'win32') is(statSync(file).mode & 0o777, 0o400)
    equal(tokens.authenticate(bearer), admin(bearer))
    const [row] = store.tokens.list()
    equal(Buffer.from(row?.secretSha256 ?? []), hash('sha256', bearer.slice(-52, -9), 'buffer'))
    ok(!JSON.stringify(row).includes(bearer.slice(-52, -9)))
  }))

test('the token outlives a restart, and the file is not needed any more', () =>
  withStore(({store, clock, folder}) => {
    const file = join(folder, 'token')
    openTokens(file, {store, clock})
    const bearer = readFileSync(file, 'utf8').trim()
    rmSync(file)
    equal(openTokens(file, {store, clock}).authenticate(bearer), admin(bearer))
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
    equal(openTokens(file, {store, clock}).authenticate(bearer), admin(bearer))
  }))

test('wrong, unknown, malformed and missing tokens are all the same nothing, also after a right one', () =>
  withStore(({store, clock, folder}) => {
    const file = join(folder, 'token')
    const tokens = openTokens(file, {store, clock})
    const bearer = readFileSync(file, 'utf8').trim()
    equal(tokens.authenticate(bearer), admin(bearer))
    const wrong = [
      '',
      'x',
      other(bearer),
      bearer.replace('fph_', 'fph_0'),
      `${bearer}x`,
      ` ${bearer}`,
      bearer.slice(0, -1),
      // The right id, another secret, and no checksum that would give it away.
      `${bearer.split('_', 2).join('_')}_${'x'.repeat(43)}`,
    ]
    for (const text of wrong) is(tokens.authenticate(text), undefined, text)
    equal(tokens.authenticate(bearer), admin(bearer))
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
    equal(tokens.authenticate(`fph_temp_${secret}`), {name: 'temp', scopes: ['read'], token: 'temp'})
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

const DAY = 24 * 60 * 60_000

function withTokens(
  run: (given: StoreTest & {tokens: Tokens; file: string; local: string}) => void,
): () => Promise<void> {
  return () =>
    withStore(given => {
      const file = join(given.folder, 'token')
      const tokens = openTokens(file, given)
      // They are listed by their time.
      given.clock.advance(1)
      run({...given, tokens, file, local: readFileSync(file, 'utf8').trim()})
    })
}
const refusedAs = (code: ErrorCode, run: () => unknown): void =>
  throws(run, (error: unknown) => isHostError(error, code))

test(
  'a token works with what it was made for, and is listed without its secret',
  withTokens(({tokens, store}) => {
    const {token, ...info} = tokens.create({name: 'itsm', scopes: ['execute:echo', 'read', 'read']})
    equal(tokens.authenticate(token), {name: 'itsm', scopes: ['execute:echo', 'read'], token: info.id})
    equal(tokens.list()[1], info)
    const secret = parseToken(token)?.secret ?? ''
    is(secret.length, 43)
    ok(!JSON.stringify([tokens.list(), store.tokens.list()]).includes(secret))
  }),
)

test(
  'names, scopes and expiries that make no sense are refused with their places',
  withTokens(({tokens, clock}) => {
    const fine = {name: 'itsm', scopes: ['read']}
    const wrong: [change: object, pointer: string][] = [
      [{name: ''}, '/name'],
      [{name: 'a\nb'}, '/name'],
      [{name: 'x'.repeat(65)}, '/name'],
      [{scopes: []}, '/scopes'],
      [{scopes: ['read', 'Admin']}, '/scopes/1'],
      [{scopes: ['execute:']}, '/scopes/0'],
      [{scopes: ['execute: a']}, '/scopes/0'],
      [{expiresAt: clock.now()}, '/expiresAt'],
      [{expiresAt: Number.NaN}, '/expiresAt'],
    ]
    for (const [change, pointer] of wrong) {
      throws(
        () => tokens.create({...fine, ...change}),
        (error: unknown) =>
          isHostError(error, 'TOKEN_INVALID') &&
          (error.details.problems as {pointer: string}[])[0]?.pointer === pointer,
        JSON.stringify(change),
      )
    }
    is(tokens.list().length, 1)
  }),
)

test(
  'two of one name may be active, a third waits until one has ended',
  withTokens(({tokens, clock}) => {
    const wanted = {name: 'itsm', scopes: ['read']}
    tokens.create({...wanted, expiresAt: clock.now() + 1000})
    clock.advance(1)
    const second = tokens.create(wanted)
    refusedAs('TOKEN_INVALID', () => tokens.create(wanted))
    refusedAs('TOKEN_INVALID', () => tokens.rotate(second.id))
    clock.advance(1000)
    tokens.create(wanted)
    equal(
      tokens.list().map(({active}) => active),
      [true, false, true, true],
    )
  }),
)

test(
  'rotating gives a new token at once and lets the old one work on for a day, or as long as it is told',
  withTokens(({tokens, clock}) => {
    const first = tokens.create({name: 'itsm', scopes: ['read'], expiresAt: clock.now() + 10 * DAY})
    ok(tokens.authenticate(first.token))
    clock.advance(5 * DAY)
    const second = tokens.rotate(first.id)
    equal([second.name, second.scopes, second.expiresAt], ['itsm', ['read'], clock.now() + 10 * DAY])
    clock.advance(DAY - 1)
    ok(tokens.authenticate(first.token))
    clock.advance(1)
    is(tokens.authenticate(first.token), undefined)
    ok(tokens.authenticate(second.token))
    const third = tokens.rotate(second.id, {graceMs: 0})
    is(tokens.authenticate(second.token), undefined)
    ok(tokens.authenticate(third.token))
    refusedAs('TOKEN_INVALID', () => tokens.rotate(first.id))
    refusedAs('TOKEN_NOT_FOUND', () => tokens.rotate('none'))
  }),
)

test(
  'a removed token is refused at once, though it was in use a moment before',
  withTokens(({tokens}) => {
    const made = tokens.create({name: 'itsm', scopes: ['read']})
    ok(tokens.authenticate(made.token))
    tokens.remove(made.id)
    is(tokens.authenticate(made.token), undefined)
    refusedAs('TOKEN_NOT_FOUND', () => tokens.remove(made.id))
  }),
)

test(
  'the last active administrator’s token stays; one that has expired does not count',
  withTokens(({tokens, clock, local, file}) => {
    const id = parseToken(local)?.id ?? ''
    tokens.create({name: 'reader', scopes: ['read']})
    refusedAs('TOKEN_NEEDED', () => tokens.remove(id))
    const short = tokens.create({name: 'second', scopes: ['admin'], expiresAt: clock.now() + 1000})
    clock.advance(1000)
    refusedAs('TOKEN_NEEDED', () => tokens.remove(id))
    tokens.remove(short.id)
    const other = tokens.create({name: 'second', scopes: ['admin']})
    tokens.remove(id)
    ok(!existsSync(file), 'the file held the removed token')
    refusedAs('TOKEN_NEEDED', () => tokens.remove(other.id))
  }),
)

test(
  'when the local token is rotated, its file holds the new one, for its owner only',
  withTokens(({tokens, local, file}) => {
    const made = tokens.rotate(parseToken(local)?.id ?? '')
    is(readFileSync(file, 'utf8'), `${made.token}\n`)
    if (process.platform !== 'win32') is(statSync(file).mode & 0o777, 0o400)
  }),
)

test.run()
