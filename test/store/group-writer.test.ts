import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {suite} from 'uvu'
import {equal, is, match, ok} from 'uvu/assert'
import type {HostError} from '../../host/errors.ts'
import {createGroupWriter, type GroupWriter} from '../../host/store/group-writer.ts'
import {prepareStatement} from '../../host/store/statement.ts'
import {createTransactions} from '../../host/store/transactions.ts'
import {createFakeClock, type FakeClock} from '../support/fake-clock.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('group-writer')

interface WriterTest {
  writer: GroupWriter
  clock: FakeClock
  errors: HostError[]
  db: DatabaseSync
  insert(id: number, text?: string): () => void
  /** As another program sees the file: committed rows only. */
  seen(): number[]
  /** A real SQLITE_FULL, until let go. */
  fillDisk(): () => void
}

function withWriter(run: (test: WriterTest) => Promise<void> | void, limits = {}): Promise<void> {
  return withTempFolder(async folder => {
    const file = join(folder, 'x.db')
    const db = new DatabaseSync(file)
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    db.exec('CREATE TABLE row (id INTEGER PRIMARY KEY, text TEXT NOT NULL)')
    const statement = prepareStatement(db, 'INSERT INTO row VALUES (?, ?)')
    const clock = createFakeClock()
    const errors: HostError[] = []
    const onError = (error: HostError): void => void errors.push(error)
    const writer = createGroupWriter({clock, transactions: createTransactions(db), onError, ...limits})
    const other = new DatabaseSync(file, {readOnly: true})
    try {
      await run({
        writer,
        clock,
        errors,
        db,
        insert:
          (id, text = 'x') =>
          () =>
            void statement.run(id, text),
        seen: () =>
          other
            .prepare('SELECT id FROM row ORDER BY id')
            .all()
            .map(row => Number(row.id)),
        fillDisk() {
          db.exec('PRAGMA max_page_count = 1')
          return () => db.exec('PRAGMA max_page_count = 1000000')
        },
      })
    } finally {
      other.close()
      db.close()
    }
  })
}

const big = 'x'.repeat(20_000)
const synchronous = (db: DatabaseSync): unknown => db.prepare('PRAGMA synchronous').get()?.synchronous

test('rows are written together 50 ms after the first', () =>
  withWriter(({writer, clock, insert, seen}) => {
    writer.append(insert(1))
    clock.advance(30)
    writer.append(insert(2))
    clock.advance(19)
    equal(seen(), [])
    clock.advance(1)
    equal(seen(), [1, 2])
    is(clock.timers, 0)
  }))

test('row 500 does not wait for the time', () =>
  withWriter(({writer, insert, seen}) => {
    for (let id = 1; id < 500; id++) writer.append(insert(id))
    is(seen().length, 0)
    writer.append(insert(500))
    is(seen().length, 500)
  }))

test('closing writes what waits', () =>
  withWriter(({writer, insert, seen}) => {
    writer.append(insert(1))
    writer.close()
    equal(seen(), [1])
  }))

test('a relaxed write does not leave the connection relaxed', () =>
  withWriter(({writer, db, insert}) => {
    let during: unknown
    writer.append(() => {
      insert(1)()
      during = synchronous(db)
    })
    writer.flush()
    is(during, 1)
    is(synchronous(db), 2)
  }))

test('a commit is synced, resolves when written, and takes the rows before it along in order', () =>
  withWriter(async ({writer, db, insert, seen}) => {
    let during: unknown
    writer.append(insert(1))
    await writer.commit(() => {
      equal(
        db
          .prepare('SELECT id FROM row')
          .all()
          .map(row => row.id),
        [1],
      )
      during = synchronous(db)
      insert(2)()
    })
    is(during, 2)
    equal(seen(), [1, 2])
  }))

test('a bad row is told and does not hold up the others', () =>
  withWriter(async ({writer, errors, insert, seen}) => {
    writer.append(insert(1))
    writer.append(insert(1))
    const failed = writer
      .commit(() => {
        insert(7)()
        insert(1)()
      })
      .catch((error: unknown) => error)
    await writer.commit(insert(3))
    match(String(await failed), /UNIQUE/)
    equal(seen(), [1, 3], 'the first half of the failed commit is undone')
    is(errors.length, 1)
  }))

test('a full disk rejects who waits, keeps the log rows and writes them when there is room again', () =>
  withWriter(async ({writer, clock, errors, insert, seen, fillDisk}) => {
    const free = fillDisk()
    writer.append(insert(1, big))
    const error = await writer.commit(insert(2, big)).catch((reason: HostError) => reason)
    is(error?.code, 'HOST_STORE_FAILED')
    is(errors.length, 1)
    equal(seen(), [])
    free()
    clock.advance(1000)
    equal(seen(), [1])
  }))

test('a queue that cannot be written is bounded, and what is dropped is counted', () =>
  withWriter(
    ({writer, clock, errors, insert, seen, fillDisk}) => {
      const free = fillDisk()
      let gone = 0
      for (let id = 1; id <= 15; id++) writer.append(insert(id, big), {done: () => gone++})
      is(gone, 5)
      clock.advance(50)
      free()
      clock.advance(1000)
      equal(seen(), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
      is(gone, 15)
      ok(errors.some(error => error.message.includes('5 rows of the log were dropped')))
    },
    {maxRows: 10},
  ))

test.run()
