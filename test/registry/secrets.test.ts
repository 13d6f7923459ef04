import {randomBytes} from 'node:crypto'
import {chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {suite} from 'uvu'
import {equal, is, match, not, ok} from 'uvu/assert'
import {HostError} from '../../host/errors.ts'
import {Registrations} from '../../host/registry/registrations.ts'
import {openSecrets} from '../../host/registry/secrets.ts'
import {describePlugin, type RegistryTest, withRegistry} from '../support/registry.ts'
import {withStore} from '../support/store.ts'

const test = suite('secrets')
const CANARY = 'correct-horse-battery'
const plugin = describePlugin('mail', {
  type: 'object',
  properties: {host: {type: 'string'}, password: {type: 'string', 'x-fp-secret': true}},
})

function refusal(run: () => unknown): HostError {
  try {
    run()
  } catch (error) {
    if (error instanceof HostError) return error
    throw error
  }
  throw new Error('Cannot see a refusal: nothing was thrown')
}

function dump(file: string): unknown {
  const db = new DatabaseSync(file, {readOnly: true})
  try {
    return [db.prepare('SELECT * FROM meta').all(), db.prepare('SELECT * FROM registrations').all()]
  } finally {
    db.close()
  }
}

function replaceKey(file: string, bytes: Uint8Array, mode = 0o400): void {
  rmSync(file)
  writeFileSync(file, bytes, {mode})
}

function withSecret(run: (test: RegistryTest & {keyFile: string}) => Promise<void> | void): Promise<void> {
  return withRegistry([plugin], async test => {
    test.registrations.create({plugin: 'mail', name: 'Mail', config: {host: 'h', password: CANARY}})
    await run({...test, keyFile: join(test.folder, 'secret.key')})
  })
}

test('the key file is made once, with 32 bytes that only its owner may read', () =>
  withStore(({store, folder}) => {
    const file = join(folder, 'secret.key')
    openSecrets(file, store)
    const key = readFileSync(file)
    is(key.length, 32)
    if (process.platform !== 'win32') is(statSync(file).mode & 0o777, 0o400)
    openSecrets(file, store)
    ok(readFileSync(file).equals(key))
  }))

test('another key is refused and changes nothing; the right one still opens everything', () =>
  withSecret(({keyFile, store, file, reopen}) => {
    const right = readFileSync(keyFile)
    const wrong = randomBytes(32)
    const before = dump(file)
    replaceKey(keyFile, wrong)
    const error = refusal(() => openSecrets(keyFile, store))
    is(error.code, 'HOST_KEY_REFUSED')
    match(error.message, /another key/)
    equal(dump(file), before)
    ok(readFileSync(keyFile).equals(wrong))
    replaceKey(keyFile, right)
    equal(reopen().openConfig('mail'), {host: 'h', password: CANARY})
  }))

test('a missing key is refused, not replaced, once something was sealed', () =>
  withSecret(({keyFile, store, file}) => {
    const before = dump(file)
    rmSync(keyFile)
    is(refusal(() => openSecrets(keyFile, store)).code, 'HOST_KEY_REFUSED')
    not.ok(existsSync(keyFile))
    equal(dump(file), before)
  }))

test('a key others may read, and one of another length, are refused', () =>
  withSecret(({keyFile, store}) => {
    const right = readFileSync(keyFile)
    replaceKey(keyFile, right.subarray(0, 31))
    match(refusal(() => openSecrets(keyFile, store)).message, /31 bytes/)
    if (process.platform === 'win32') return
    replaceKey(keyFile, right)
    chmodSync(keyFile, 0o440)
    match(refusal(() => openSecrets(keyFile, store)).message, /chmod 400/)
  }))

test('a sealed configuration that was moved to another registration does not open', () =>
  withSecret(({registrations, store, reopen}) => {
    registrations.create({plugin: 'mail', name: 'Other', config: {host: 'o', password: 'another-secret'}})
    const [mail, other] = store.registrations.list()
    if (!mail || !other) throw new Error('Cannot find both rows')
    store.registrations.save({...other, sealedConfig: mail.sealedConfig})
    match(refusal(reopen).message, /"other" does not open/)
    store.registrations.save(other)
    ok(reopen() instanceof Registrations)
  }))

test('a secret is nowhere in the database files in the clear', () =>
  withSecret(async ({file, store}) => {
    const bytes = Buffer.concat([readFileSync(file), readFileSync(`${file}-wal`)])
    is(bytes.includes(CANARY), false)
    await store.kv.set('mail', 'k', CANARY)
    const control = Buffer.concat([readFileSync(file), readFileSync(`${file}-wal`)])
    is(control.includes(CANARY), true, 'the search does find what is stored in the clear')
  }))

test.run()
