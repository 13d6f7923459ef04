import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {suite} from 'uvu'
import {equal, is, match, throws} from 'uvu/assert'
import {isHostError} from '../../host/errors.ts'
import {openStore} from '../../host/store/open-store.ts'
import {echoManifest} from '../support/echo-manifest.ts'
import {createFakeClock} from '../support/fake-clock.ts'
import {NO_PERMISSIONS} from '../support/fixture-process.ts'
import {describeExecution, withStore} from '../support/store.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('open-store')
const PAGE = 16 * 1024
const clock = createFakeClock()

function edit(file: string, sql: string): void {
  const db = new DatabaseSync(file)
  db.exec(sql)
  db.close()
}

test('what was stored is there after reopening, and the stop before counts as clean', async () => {
  await withStore(({store, file}) => {
    const version = {
      plugin: 'echo',
      version: '1.0.0',
      digest: 'ab',
      folder: '/x',
      manifest: echoManifest,
      installedAt: 5,
    }
    store.commitNow(() => {
      store.plugins.save({id: 'echo', activeVersion: null, enabled: true, consent: null})
      store.versions.save(version)
      store.plugins.setActive('echo', '1.0.0', NO_PERMISSIONS)
      store.plugins.setEnabled('echo', false)
    })
    store.close()
    const reopened = openStore(file, {clock})
    try {
      is(reopened.stoppedCleanly, true)
      equal(reopened.plugins.list(), [{id: 'echo', activeVersion: '1.0.0', enabled: false, consent: NO_PERMISSIONS}])
      equal(reopened.versions.list('echo'), [version])
      equal(reopened.versions.find('echo', '2.0.0'), undefined)
    } finally {
      reopened.close()
    }
  })
})

test('several writes of one commit are all undone when one fails', async () => {
  await withStore(({store}) => {
    throws(() =>
      store.commitNow(() => {
        store.plugins.save({id: 'echo', activeVersion: null, enabled: true, consent: null})
        throw new Error('no')
      }),
    )
    equal(store.plugins.list(), [])
  })
})

test('a plugin with registrations cannot be removed behind their back', async () => {
  await withStore(({store}) => {
    store.plugins.save({id: 'echo', activeVersion: null, enabled: true, consent: null})
    const rest = {draft: false, notes: '', configVersion: 1, settings: {}, createdAt: 1, updatedAt: 1}
    store.registrations.save({id: 'r', plugin: 'echo', name: 'R', enabled: true, sealedConfig: 'x', ...rest})
    throws(
      () => store.plugins.remove('echo'),
      (error: unknown) => isHostError(error, 'HOST_STORE_FAILED'),
    )
    store.registrations.remove('r')
    store.plugins.remove('echo')
    equal(store.plugins.list(), [])
  })
})

test('an execution that was running when the server was killed is unknown afterwards', async () => {
  await withStore(async ({store, file}) => {
    await store.executions.commit(describeExecution({execution: 'a', status: 'running', endedAt: null}))
    const after = openStore(file, {clock})
    try {
      is(after.stoppedCleanly, false)
      is(after.interrupted, 1)
      const found = after.executions.find('a')
      is(found?.status, 'unknown')
      is(found?.error?.code, 'EXECUTION_INTERRUPTED')
      equal(after.executions.list({status: 'running'}), [])
    } finally {
      after.close()
    }
  })
})

test('a database written by a newer release is refused and not touched', async () => {
  await withStore(({store, file}) => {
    store.close()
    edit(file, 'PRAGMA user_version = 99')
    throws(
      () => openStore(file, {clock}),
      (error: unknown) => isHostError(error, 'HOST_STORE_FAILED') && /format 99/.test(error.message),
    )
  })
})

test('damage is found after an unclean stop, and an undamaged file passes the same check', async () => {
  await withStore(({store, file}) => {
    for (let index = 0; index < 2000; index++) {
      store.executions.record(describeExecution({execution: `e${String(index).padStart(6, '0')}`}))
    }
    store.close()
    edit(file, `UPDATE meta SET value = 'false' WHERE key = 'cleanStop'`)
    const checked = openStore(file, {clock})
    is(checked.stoppedCleanly, false)
    checked.close()
    edit(file, `UPDATE meta SET value = 'false' WHERE key = 'cleanStop'; PRAGMA wal_checkpoint(TRUNCATE)`)
    const bytes = readFileSync(file)
    // Whole pages: damage within the text of a row is nothing a database can see.
    const middle = Math.floor(bytes.length / 2 / PAGE) * PAGE
    bytes.fill(0x55, middle, middle + 2 * PAGE)
    writeFileSync(file, bytes)
    let message = ''
    try {
      openStore(file, {clock}).close()
    } catch (error) {
      message = (error as Error).message
    }
    match(message, /the database is damaged/)
  })
})

test('a file that is no database is refused', async () => {
  await withTempFolder(async folder => {
    const file = join(folder, 'store.db')
    writeFileSync(file, 'not a database, but long enough to be taken for one'.repeat(100))
    throws(
      () => openStore(file, {clock}),
      (error: unknown) => isHostError(error, 'HOST_STORE_FAILED'),
    )
  })
})

test.run()
