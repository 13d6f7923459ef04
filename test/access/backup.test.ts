import {chmod, mkdir, readdir, readFile, rename, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {extract} from 'tar'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {createBackups} from '../../host/access/backup.ts'
import {restoreBackup} from '../../host/access/restore.ts'
import {backUp, executeEcho, readRefusal, SECRET, withData} from '../support/backup.ts'
import {eventually} from '../support/deadline.ts'
import {createFakeClock} from '../support/fake-clock.ts'

const test = suite('backup')

const PARTS = {clock: createFakeClock(), flush: () => {}}

test(
  'a backup made under load is restored elsewhere and goes on there, with its history and its secrets',
  withData(async given => {
    const {folder, dataFolder, serving} = given
    await backUp(given)
    const {report, ended} = await serving(dataFolder, async host => {
      let running = true
      let done = 0
      const load = Array.from({length: 4}, async () => {
        while (running) {
          await executeEcho(host, done)
          done++
        }
      })
      await eventually(20_000, () => done > 20)
      for (;;) {
        const before = done
        const made = await host.backup()
        if (done === before) continue
        running = false
        await Promise.all(load)
        return {report: made, ended: before}
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
      await executeEcho(host, 0)
      const succeeded = host.listExecutions({limit: 1000, status: 'succeeded'}).length
      assert.ok(succeeded >= ended, `${succeeded} of ${ended} that had ended before`)
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
  withData(async given => {
    const report = await backUp(given)
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
  withData(async given => {
    const first = await backUp(given)
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
        assert.match(await readRefusal(host.getBackup(name)), /^BACKUP_NOT_FOUND/)
      }
    })
  }),
)

test(
  'without room, or without a bundle that the database names, there is no backup and nothing is left',
  withData(async given => {
    await backUp(given)
    const {dataFolder} = given
    const backups = join(dataFolder, 'backups')
    const before = await readdir(backups)
    const small = createBackups({...PARTS, dataFolder, readFreeBytes: async () => 1000})
    assert.match(await readRefusal(small.backup()), /^BACKUP_FAILED .*1000 are free/)
    const plugins = join(dataFolder, 'plugins/echo')
    const [version = ''] = await readdir(plugins)
    await chmod(join(plugins, version), 0o755)
    await rename(join(plugins, version), join(given.folder, 'taken'))
    await writeFile(join(backups, 'plugin-host-cut-off.tgz.part'), 'x')
    const broken = createBackups({...PARTS, dataFolder})
    assert.match(await readRefusal(broken.backup()), /^BACKUP_FAILED .*version 1\.0\.0 of plugin "echo"/)
    assert.equal(await readdir(backups), before)
    assert.equal(await readdir(join(dataFolder, 'staging')), [])
  }),
)

test.run()
