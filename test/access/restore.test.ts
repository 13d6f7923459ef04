import {existsSync} from 'node:fs'
import {copyFile, readdir, readFile, rm, stat, symlink, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {hashFile} from '../../host/access/backup-manifest.ts'
import {restoreBackup} from '../../host/access/restore.ts'
import {backUp, executeEcho, readRefusal, spoilArchive, withData} from '../support/backup.ts'

const test = suite('restore')

test(
  'a folder that is in use or not empty is left alone; replaced, it is kept beside',
  withData(async given => {
    const {path} = await backUp(given)
    const archive = join(given.folder, 'kept.tgz')
    await copyFile(path, archive)
    const {dataFolder} = given
    assert.match(await readRefusal(restoreBackup(archive, {dataFolder})), /^RESTORE_REFUSED .*not empty/)
    await given.serving(dataFolder, async () => {
      assert.match(await readRefusal(restoreBackup(archive, {dataFolder, replace: true})), /^HOST_LOCKED/)
    })
    await writeFile(join(dataFolder, 'mark'), 'the one before')
    const token = await readFile(join(dataFolder, 'token'), 'utf8')
    const restored = await restoreBackup(archive, {dataFolder, replace: true})
    assert.is(restored.key, 'fits', 'the key of the folder before')
    assert.is(await readFile(join(dataFolder, 'token'), 'utf8'), token)
    assert.is(await readFile(join(restored.before ?? '', 'mark'), 'utf8'), 'the one before')
    assert.not.ok(existsSync(join(restored.before ?? '', 'server.lock')))
    await given.serving(dataFolder, async host => executeEcho(host, 1))
    assert.equal(
      (await readdir(given.folder)).filter(name => name.includes('.restore-')),
      [],
    )
  }),
)

test(
  'without the key it is restored, and does not start until the key is there; another key is refused',
  withData(async given => {
    const {path} = await backUp(given)
    const dataFolder = join(given.folder, 'other')
    const wrong = join(given.folder, 'wrong.key')
    await writeFile(wrong, Buffer.alloc(32), {mode: 0o400})
    assert.match(
      await readRefusal(restoreBackup(path, {dataFolder, keyFile: wrong})),
      /^RESTORE_REFUSED .*is not the one/,
    )
    assert.match(
      await readRefusal(restoreBackup(path, {dataFolder, keyFile: '/none'})),
      /^RESTORE_REFUSED .*no key file/,
    )
    assert.not.ok(existsSync(dataFolder))
    assert.is((await restoreBackup(path, {dataFolder})).key, 'missing')
    assert.match(await readRefusal(given.serving(dataFolder, async () => {})), /^HOST_KEY_REFUSED/)
    await copyFile(join(given.dataFolder, 'secret.key'), join(dataFolder, 'secret.key'))
    await given.serving(dataFolder, async host => executeEcho(host, 1))
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
    withData(async given => {
      const {path} = await backUp(given)
      const dataFolder = join(given.folder, 'other')
      const spoilt = await spoilArchive(given, path, change)
      assert.match(await readRefusal(restoreBackup(spoilt, {dataFolder})), told)
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
  withData(async given => {
    const {path} = await backUp(given)
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
      assert.match(await readRefusal(restoreBackup(file, {dataFolder})), /^RESTORE_REFUSED/, name)
    }
    assert.match(await readRefusal(restoreBackup(join(given.folder, 'none.tgz'), {dataFolder})), /there is no file/)
    assert.not.ok(existsSync(dataFolder))
  }),
)

test(
  'what waited in the queue when it was backed up counts as begun',
  withData(async given => {
    const {path} = await backUp(given)
    const spoilt = await spoilArchive(given, path, async folder => {
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
