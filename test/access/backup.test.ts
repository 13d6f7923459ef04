import {existsSync} from 'node:fs'
import {chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {create, extract} from 'tar'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {createBackups} from '../../host/access/backup.ts'
import {hashFile} from '../../host/access/backup-manifest.ts'
import {restoreBackup} from '../../host/access/restore.ts'
import {type BackupReport, createHost, createLog, type Host, isHostError, loadConfig} from '../../host/index.ts'
import {deadline, eventually} from '../support/deadline.ts'
import {createFakeClock} from '../support/fake-clock.ts'
import {buildFixture} from '../support/fixture-bundle.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('backup and restore')

const SECRET = 'canary-secret-of-the-domain'
const CONFIG = {
  version: 1,
  schema: {type: 'object', properties: {url: {type: 'string'}, password: {type: 'string', 'x-fp-secret': true}}},
}

interface Given {
  /** Parent of all that the test makes. */
  folder: string
  dataFolder: string
  /** Runs with a host on that folder, and stops it. */
  serving<T>(dataFolder: string, run: (host: Host) => Promise<T>): Promise<T>
}

function within(run: (given: Given) => Promise<void>): () => Promise<void> {
  return () =>
    deadline(
      60_000,
      withTempFolder(async folder => {
        const serving: Given['serving'] = async (dataFolder, use) => {
          const config = loadConfig({dataFolder, http: {port: 0}, process: {drainMs: 1000, terminateMs: 1000}})
          const {host} = await createHost({config, log: createLog('silent')})
          try {
            return await use(host)
          } finally {
            await host.stop()
          }
        }
        await run({folder, dataFolder: join(folder, 'data'), serving}).catch(tell)
      }),
    )
}

/** The test tool cannot print errors whose details are no text. */
function tell(error: Error): never {
  throw isHostError(error) ? new Error(error.message, {cause: error.cause}) : error
}

/** A host with a plugin, a registration with a secret, an execution, a record; and a backup of it. */
async function makeBackup({folder, dataFolder, serving}: Given): Promise<BackupReport> {
  return serving(dataFolder, async host => {
    await host.installBundle(await buildFixture(folder, 'echo', {config: CONFIG, permissions: {}}))
    await host.updateRegistration('echo', {config: {url: 'ldap://dc1', password: SECRET}})
    await execute(host, 1)
    await host.createRecord('request', {subject: 'My laptop'}, 'test')
    await mkdir(join(dataFolder, 'plugin-data/echo'), {recursive: true})
    await writeFile(join(dataFolder, 'plugin-data/echo/state.json'), '{"seen":1}')
    return host.backup()
  })
}

async function execute(host: Host, number: number): Promise<void> {
  const outcome = await host.execute({registration: 'echo', action: 'echo', input: {number}, by: 'test'})
  assert.is(outcome.status, 'succeeded')
}

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.ok(isHostError(error), String(error))
  return `${error.code} ${error.message}`
}

/** Unpacks an archive, lets `change` spoil it, and packs it again. */
async function spoil(given: Given, archive: string, change: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(given.folder, 'spoilt')
  await mkdir(folder)
  await extract({file: archive, cwd: folder})
  await change(folder)
  const file = join(given.folder, 'spoilt.tgz')
  await create({cwd: folder, file, gzip: true}, await readdir(folder))
  return file
}

test(
  'a backup made under load is restored elsewhere and goes on there, with its history and its secrets',
  within(async given => {
    const {folder, dataFolder, serving} = given
    await makeBackup(given)
    const report = await serving(dataFolder, async host => {
      let running = true
      let done = 0
      const load = Array.from({length: 4}, async () => {
        while (running) await execute(host, ++done)
      })
      await eventually(20_000, () => done > 20)
      for (;;) {
        const before = done
        const made = await host.backup()
        if (done === before) continue
        running = false
        await Promise.all(load)
        return made
      }
    })
    const target = join(folder, 'elsewhere/data')
    await mkdir(join(folder, 'elsewhere'))
    await rename(dataFolder, join(folder, 'gone'))
    const archive = join(folder, 'gone/backups', report.name)
    const restored = await restoreBackup(archive, {dataFolder: target, keyFile: join(folder, 'gone/secret.key')})
    assert.equal([restored.key, restored.before, restored.audit.ok], ['fits', null, true])
    assert.is(restored.files, report.files)

    await serving(target, async host => {
      await execute(host, 0)
      assert.ok(host.listExecutions({limit: 1000}).length > 20)
      assert.is(host.getRegistration('echo').enabled, true)
      assert.equal((await host.searchRecords('request')).items[0]?.subject, 'My laptop')
      assert.is(host.listAudit()[0]?.action, 'restoreBackup')
      const token = (await readFile(join(target, 'token'), 'utf8')).trim()
      assert.equal(host.authenticate(token)?.scopes, ['admin'])
      // Wraps anew whatever is sealed, and fails where something does not open.
      assert.ok((await host.rotateKey()).rewrapped >= 1)
    })
    assert.is(await readFile(join(target, 'plugin-data/echo/state.json'), 'utf8'), '{"seen":1}')
    for (const name of await readdir(join(target, 'plugins/echo'))) {
      assert.is((await stat(join(target, 'plugins/echo', name))).mode & 0o777, 0o555)
    }
    assert.is((await stat(join(target, 'plugin-host.db'))).mode & 0o777, 0o600)
  }),
)

test(
  'the archive has neither key nor token nor a secret in the clear, and only its owner may read it',
  within(async given => {
    const report = await makeBackup(given)
    const {mode, size} = await stat(report.path)
    assert.equal([mode & 0o777, size], [0o600, report.bytes])
    const folder = join(given.folder, 'unpacked')
    await mkdir(folder)
    await extract({file: report.path, cwd: folder})
    assert.equal((await readdir(folder)).sort(), ['backup.json', 'plugin-data', 'plugin-host.db', 'plugins'])
    const token = await readFile(join(given.dataFolder, 'token'), 'utf8')
    for (const entry of await readdir(folder, {recursive: true, withFileTypes: true})) {
      if (!entry.isFile()) continue
      const text = await readFile(join(entry.parentPath, entry.name), 'latin1')
      assert.not.ok(text.includes(SECRET) || text.includes(token.slice(-53, -10)), entry.name)
    }
    assert.equal(await readdir(join(given.dataFolder, 'staging')), [])
  }),
)

test(
  'backups are listed, newest first, and removed by name; two asked for at once are one',
  within(async given => {
    const first = await makeBackup(given)
    await given.serving(given.dataFolder, async host => {
      const [second, same] = await Promise.all([host.backup(), host.backup()])
      assert.is(second.name, same.name)
      const listed = await host.listBackups()
      assert.equal(
        listed.map(({name}) => name),
        [second.name, first.name],
      )
      assert.is((await host.getBackup(first.name)).bytes, first.bytes)
      await host.removeBackup(first.name)
      for (const name of [first.name, '../secret.key', 'x', `${second.name}.part`]) {
        assert.match(await refusal(host.getBackup(name)), /^BACKUP_NOT_FOUND/)
      }
    })
  }),
)

test(
  'without room, or without a bundle that the database names, there is no backup and nothing is left',
  within(async given => {
    await makeBackup(given)
    const {dataFolder} = given
    const backups = join(dataFolder, 'backups')
    const before = await readdir(backups)
    const small = createBackups({dataFolder, clock: createFakeClock(), readFreeBytes: async () => 1000})
    assert.match(await refusal(small.backup()), /^BACKUP_FAILED .*1000 are free/)
    const plugins = join(dataFolder, 'plugins/echo')
    const [version = ''] = await readdir(plugins)
    await chmod(join(plugins, version), 0o755)
    await rename(join(plugins, version), join(given.folder, 'taken'))
    await writeFile(join(backups, 'plugin-host-cut-off.tgz.part'), 'x')
    const broken = createBackups({dataFolder, clock: createFakeClock()})
    assert.match(await refusal(broken.backup()), /^BACKUP_FAILED .*version 1\.0\.0 of plugin "echo"/)
    assert.equal(await readdir(backups), before)
    assert.equal(await readdir(join(dataFolder, 'staging')), [])
  }),
)

test(
  'a folder that is in use or not empty is left alone; replaced, it is kept beside',
  within(async given => {
    const {path} = await makeBackup(given)
    const archive = join(given.folder, 'kept.tgz')
    await copyFile(path, archive)
    const {dataFolder} = given
    assert.match(await refusal(restoreBackup(archive, {dataFolder})), /^RESTORE_REFUSED .*not empty/)
    await given.serving(dataFolder, async () => {
      assert.match(await refusal(restoreBackup(archive, {dataFolder, replace: true})), /^HOST_LOCKED/)
    })
    await writeFile(join(dataFolder, 'mark'), 'the one before')
    const token = await readFile(join(dataFolder, 'token'), 'utf8')
    const restored = await restoreBackup(archive, {dataFolder, replace: true})
    assert.is(restored.key, 'fits', 'the key of the folder before')
    assert.is(await readFile(join(dataFolder, 'token'), 'utf8'), token)
    assert.is(await readFile(join(restored.before ?? '', 'mark'), 'utf8'), 'the one before')
    assert.not.ok(existsSync(join(restored.before ?? '', 'server.lock')))
    await given.serving(dataFolder, async host => execute(host, 1))
    assert.equal(
      (await readdir(given.folder)).filter(name => name.includes('.restore-')),
      [],
    )
  }),
)

test(
  'without the key it is restored, and does not start until the key is there; another key is refused',
  within(async given => {
    const {path} = await makeBackup(given)
    const dataFolder = join(given.folder, 'other')
    const wrong = join(given.folder, 'wrong.key')
    await writeFile(wrong, Buffer.alloc(32), {mode: 0o400})
    assert.match(await refusal(restoreBackup(path, {dataFolder, keyFile: wrong})), /^RESTORE_REFUSED .*is not the one/)
    assert.match(await refusal(restoreBackup(path, {dataFolder, keyFile: '/none'})), /^RESTORE_REFUSED .*no key file/)
    assert.not.ok(existsSync(dataFolder))
    assert.is((await restoreBackup(path, {dataFolder})).key, 'missing')
    assert.match(await refusal(given.serving(dataFolder, async () => {})), /^HOST_KEY_REFUSED/)
    await copyFile(join(given.dataFolder, 'secret.key'), join(dataFolder, 'secret.key'))
    await given.serving(dataFolder, async host => execute(host, 1))
  }),
)

const SPOILT: [what: string, change: (folder: string) => Promise<void>, told: RegExp][] = [
  ['a changed byte', folder => flip(join(folder, 'plugin-host.db')), /"plugin-host\.db" in it was changed/],
  [
    'a missing file',
    folder => rm(join(folder, 'plugin-data'), {recursive: true}),
    /"plugin-data\/echo\/state\.json" is missing/,
  ],
  [
    'an additional file',
    folder => writeFile(join(folder, 'plugin-data/more'), ''),
    /"plugin-data\/more" in it is not in its list/,
  ],
  [
    'a link',
    folder => symlink('/etc/passwd', join(folder, 'plugin-data/link')),
    /"plugin-data\/link" in it is neither/,
  ],
  ['another root', folder => writeFile(join(folder, 'secret.key'), 'x'), /"secret\.key" in it does not belong/],
  ['no list of files', folder => rm(join(folder, 'backup.json')), /has no backup\.json/],
  ['a list of another format', folder => writeFile(join(folder, 'backup.json'), '{"format":2}'), /not of format 1/],
]
for (const [what, change, told] of SPOILT) {
  test(
    `a backup with ${what} is refused and leaves nothing`,
    within(async given => {
      const {path} = await makeBackup(given)
      const dataFolder = join(given.folder, 'other')
      const spoilt = await spoil(given, path, change)
      assert.match(await refusal(restoreBackup(spoilt, {dataFolder})), told)
      assert.equal(
        (await readdir(given.folder)).filter(name => name.startsWith('other')),
        [],
      )
      assert.is((await restoreBackup(path, {dataFolder})).key, 'missing', 'the whole one is taken')
    }),
  )
}

test(
  'what is no archive, or is cut off, is refused',
  within(async given => {
    const {path} = await makeBackup(given)
    const bytes = await readFile(path)
    const dataFolder = join(given.folder, 'other')
    const attempts: [name: string, content: Uint8Array][] = [
      ['text', Buffer.from('no archive')],
      ['nothing', Buffer.alloc(0)],
      ['half', bytes.subarray(0, bytes.length / 2)],
      ['flipped', Buffer.concat([bytes.subarray(0, 5000), Buffer.alloc(16, 7), bytes.subarray(5016)])],
    ]
    for (const [name, content] of attempts) {
      const file = join(given.folder, `${name}.tgz`)
      await writeFile(file, content)
      assert.match(await refusal(restoreBackup(file, {dataFolder})), /^RESTORE_REFUSED/, name)
    }
    assert.match(await refusal(restoreBackup(join(given.folder, 'none.tgz'), {dataFolder})), /there is no file/)
    assert.not.ok(existsSync(dataFolder))
  }),
)

test(
  'what waited in the queue when it was backed up counts as begun',
  within(async given => {
    const {path} = await makeBackup(given)
    const spoilt = await spoil(given, path, async folder => {
      const db = new DatabaseSync(join(folder, 'plugin-host.db'))
      db.exec("INSERT INTO queue SELECT id, 0, 0, '{}' FROM executions LIMIT 1")
      db.exec("INSERT INTO events (id, type, at, processed, data) VALUES ('e1', 't', 0, 0, '{}')")
      db.close()
      const manifest = JSON.parse(await readFile(join(folder, 'backup.json'), 'utf8')) as {files: {path: string}[]}
      const {size} = await stat(join(folder, 'plugin-host.db'))
      const entry = {bytes: size, sha256: await hashFile(join(folder, 'plugin-host.db'))}
      const files = manifest.files.map(file => (file.path === 'plugin-host.db' ? {...file, ...entry} : file))
      await writeFile(join(folder, 'backup.json'), JSON.stringify({...manifest, files}))
    })
    const dataFolder = join(given.folder, 'other')
    await restoreBackup(spoilt, {dataFolder})
    const db = new DatabaseSync(join(dataFolder, 'plugin-host.db'))
    try {
      const count = (sql: string): unknown => Object.values(db.prepare(sql).get() ?? {})[0]
      assert.is(count('SELECT count(*) FROM queue WHERE started = 1'), 1)
      assert.is(count('SELECT count(*) FROM queue'), 1)
      assert.is(count("SELECT processed FROM events WHERE id = 'e1'"), 1)
    } finally {
      db.close()
    }
  }),
)

async function flip(file: string): Promise<void> {
  const bytes = await readFile(file)
  bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1
  await writeFile(file, bytes)
}

test.run()
