import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {copyFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {DatabaseSync} from 'node:sqlite'
import {suite} from 'uvu'
import {equal, is, match, not, ok, throws} from 'uvu/assert'
import {systemClock} from '../../host/clock.ts'
import {isHostError} from '../../host/errors.ts'
import {Registrations} from '../../host/registry/registrations.ts'
import {createSealedKv} from '../../host/registry/sealed-kv.ts'
import {openSecrets, type Secrets} from '../../host/registry/secrets.ts'
import {openStore} from '../../host/store/open-store.ts'
import {deadline} from '../support/deadline.ts'
import {describePlugin, type RegistryTest, withRegistry} from '../support/registry.ts'
import {describeExecution} from '../support/store.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('rotate-key')
const FIXTURE = join(import.meta.dirname, '../fixtures/store/rotate-keys.ts')
const plugin = describePlugin('mail', {type: 'object', properties: {password: {type: 'string', 'x-fp-secret': true}}})

interface Rotating extends RegistryTest {
  key: string
  next: string
  secrets: Secrets
  /** What the stored texts read as, with the key that is found now. */
  read(): Promise<string[]>
}

/** A registration, a value of a plugin, and an accepted execution, each with something sealed. */
function withSealed(run: (test: Rotating) => Promise<void> | void): Promise<void> {
  return withRegistry([plugin], async test => {
    const {store, folder, reopen, manifests} = test
    const key = join(folder, 'secret.key')
    const secrets = openSecrets(key, store)
    // Of one server, as there is no other: with the key that is rotated.
    const registrations = new Registrations({...test, secrets, findManifest: id => manifests.get(id)})
    const redactorOf = (id: string) => registrations.redactorOfPlugin(id)
    registrations.create({plugin: 'mail', name: 'Mail', config: {password: 'secret-of-mail'}})
    await createSealedKv(store.kv, {secrets, redactorOf}).set('mail', 'a|b', {token: 'kept'})
    await store.kv.set('mail', 'plain', 'v1.of an older release')
    await store.executions.commit(describeExecution({execution: 'e1', status: 'queued'}))
    const db = new DatabaseSync(test.file)
    const request = (more: object): string => JSON.stringify({action: 'say', ...more})
    const insert = db.prepare('INSERT INTO queue (execution, due_at, request) VALUES (?, 0, ?)')
    insert.run('e1', request({sealedInput: secrets.sealText('queue|e1', 'secret input')}))
    await store.executions.commit(describeExecution({execution: 'e2', status: 'queued'}))
    insert.run('e2', request({input: 'open'}))

    async function read(): Promise<string[]> {
      const now = openSecrets(key, store)
      const kv = createSealedKv(store.kv, {secrets: now, redactorOf})
      const {request: row} = db.prepare("SELECT request FROM queue WHERE execution = 'e1'").get() as {request: string}
      const {sealedInput, action} = JSON.parse(row) as {sealedInput: string; action: string}
      const values = [kv.get('mail', 'a|b'), kv.get('mail', 'plain')].map(value => JSON.stringify(value))
      return [String(reopen().openConfig('mail').password), ...values, action, now.openText('queue|e1', sealedInput)]
    }
    try {
      await run({...test, registrations, key, next: `${key}.next`, secrets, read})
    } finally {
      db.close()
    }
  })
}
const READ = ['secret-of-mail', '{"token":"kept"}', '"v1.of an older release"', 'say', 'secret input']

const wrappings = (file: string): unknown => {
  const db = new DatabaseSync(file, {readOnly: true})
  try {
    const tables = ['SELECT sealed_config FROM registrations', 'SELECT value FROM kv', 'SELECT request FROM queue']
    return [...tables, 'SELECT value FROM meta'].map(sql => JSON.stringify(db.prepare(sql).all()))
  } finally {
    db.close()
  }
}

test('a rotation wraps everything anew: the new key opens it, the old one nothing', () =>
  withSealed(async ({key, secrets, read, store, file, registrations, folder}) => {
    const old = readFileSync(key)
    const before = await read()
    equal(before, READ)
    equal(secrets.rotateKey(), {rewrapped: 3})
    not.equal(readFileSync(key), old)
    if (process.platform !== 'win32') is(statSync(key).mode & 0o777, 0o400)
    equal(
      readdirSync(folder).filter(name => name.startsWith('secret')),
      ['secret.key'],
    )
    equal(await read(), before)
    equal(registrations.openConfig('mail').password, 'secret-of-mail')
    registrations.update('mail', {config: {password: 'next-secret'}})
    equal((await read())[0], 'next-secret', 'the one that rotated seals with the new key')
    const kept = wrappings(file)
    rmSync(key)
    writeFileSync(key, old, {mode: 0o400})
    throws(
      () => openSecrets(key, store),
      (error: unknown) => isHostError(error, 'HOST_KEY_REFUSED'),
    )
    equal(wrappings(file), kept)
  }))

test('cut off before the transaction: the old key fits, and the next one is taken away', () =>
  withSealed(async ({key, next, read}) => {
    const old = readFileSync(key)
    writeFileSync(next, Buffer.alloc(32, 7), {mode: 0o400})
    equal(await read(), READ)
    ok(readFileSync(key).equals(old))
    is(existsSync(next), false)
  }))

for (const state of ['is still there', 'is gone']) {
  test(`cut off after the transaction, when the old key ${state}: the next key takes its place`, () =>
    withSealed(async ({key, next, secrets, read}) => {
      const old = readFileSync(key)
      secrets.rotateKey()
      copyFileSync(key, next)
      rmSync(key)
      if (state === 'is still there') writeFileSync(key, old, {mode: 0o400})
      const rotated = readFileSync(next)
      equal(await read(), READ)
      ok(readFileSync(key).equals(rotated))
      is(existsSync(next), false)
      equal(secrets.rotateKey(), {rewrapped: 3})
      equal(await read(), READ)
    }))
}

test('when neither key fits nothing is changed', () =>
  withSealed(({key, next, store, file}) => {
    rmSync(key)
    for (const path of [key, next]) writeFileSync(path, Buffer.alloc(32, path.length), {mode: 0o400})
    const before = [readFileSync(key), readFileSync(next), wrappings(file)]
    throws(
      () => openSecrets(key, store),
      (error: unknown) => isHostError(error, 'HOST_KEY_REFUSED'),
    )
    equal([readFileSync(key), readFileSync(next), wrappings(file)], before)
  }))

test('a text that does not open stops the rotation, and everything stays as it was', () =>
  withSealed(async ({key, next, secrets, store, file, read}) => {
    await store.kv.writeText('mail', 'torn', 'v1.torn.torn')
    const before = [readFileSync(key), wrappings(file)]
    let message = ''
    try {
      secrets.rotateKey()
    } catch (error) {
      message = (error as Error).message
    }
    match(message, /"kv\|mail\|torn" does not open/)
    equal([readFileSync(key), wrappings(file)], before)
    is(existsSync(next), false)
    equal(await read(), READ)
  }))

test('a text that is on its way to the disk is wrapped anew, too', () =>
  withSealed(async ({secrets, store, key, registrations}) => {
    const redactorOf = (id: string) => registrations.redactorOfPlugin(id)
    const written = createSealedKv(store.kv, {secrets, redactorOf}).set('mail', 'late', 'late value')
    equal(secrets.rotateKey(), {rewrapped: 4})
    await written
    is(createSealedKv(store.kv, {secrets: openSecrets(key, store), redactorOf}).get('mail', 'late'), 'late value')
  }))

test('killed at any moment, the next start finds the key that fits', () =>
  deadline(120_000, () =>
    withTempFolder(async folder => {
      const open = () => {
        const store = openStore(`${folder}/store.db`, {clock: systemClock})
        return {store, secrets: openSecrets(`${folder}/secret.key`, store)}
      }
      const first = open()
      const keys = Array.from({length: 50}, (_, index) => `key ${index}`)
      for (const key of keys) await first.store.kv.writeText('p', key, first.secrets.sealText(`kv|p|${key}`, key))
      first.store.close()
      for (let round = 0; round < 10; round++) {
        const rotations = await killAfter(folder, 1 + (round % 4), round)
        ok(rotations.every(count => count === '50'))
        const {store, secrets} = open()
        try {
          for (const key of keys) is(secrets.openText(`kv|p|${key}`, store.kv.readText('p', key) ?? ''), key)
          is(existsSync(`${folder}/secret.key.next`), false)
        } finally {
          store.close()
        }
      }
    }),
  ))

/** Kills a child that rotates, some time after it told of so many rotations; what it told. */
async function killAfter(folder: string, count: number, spins: number): Promise<string[]> {
  const child = spawn(process.execPath, [FIXTURE, folder], {stdio: ['ignore', 'pipe', 'inherit']})
  const told: string[] = []
  try {
    for await (const line of createInterface({input: child.stdout})) {
      told.push(line)
      if (told.length !== count) continue
      // Another moment of the next rotation in every round.
      for (const end = performance.now() + spins * 1.3; performance.now() < end; );
      child.kill('SIGKILL')
    }
  } finally {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return told
}

test.run()
