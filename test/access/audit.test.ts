import {hash} from 'node:crypto'
import {DatabaseSync} from 'node:sqlite'
import fc from 'fast-check'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {type AuditVerbs, createAudit} from '../../host/access/audit.ts'
import {isHostError} from '../../host/errors.ts'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {type StoreTest, withStore} from '../support/store.ts'

const test = suite('audit')

interface Given extends StoreTest {
  audit: AuditVerbs
  logged: object[]
  /** Entries 1 to `count`. */
  write(count: number): void
  /** Past the server and its triggers, as somebody with the file could. */
  tamper(sql: string): void
}

function withAudit(run: (given: Given) => Promise<void>): () => Promise<void> {
  return () =>
    withStore(given => {
      const logged: object[] = []
      const audit = createAudit({...given, log: {info: fields => void logged.push(fields)}})
      return run({
        ...given,
        audit,
        logged,
        write(count) {
          for (let index = 1; index <= count; index++) {
            audit.recordAudit({who: index % 2 ? 'ann' : 'bob', action: 'test', target: `t${index}`, details: {index}})
            given.clock.advance(1)
          }
        },
        tamper(sql) {
          const db = new DatabaseSync(given.file)
          db.exec(`DROP TRIGGER IF EXISTS audit_keeps_rows; DROP TRIGGER IF EXISTS audit_keeps_values; ${sql}`)
          db.close()
        },
      })
    })
}

test(
  'entries are numbered, chained, listed newest first and found by who, action and target',
  withAudit(async ({audit, write, clock}) => {
    write(5)
    const all = audit.listAudit()
    assert.equal(
      all.map(({seq}) => seq),
      [5, 4, 3, 2, 1],
    )
    assert.equal(all[0]?.at, clock.now() - 1)
    assert.equal(all[0]?.details, {index: 5})
    const seqs = (filter: Parameters<AuditVerbs['listAudit']>[0]): number[] =>
      audit.listAudit(filter).map(({seq}) => seq)
    assert.equal(seqs({who: 'ann'}), [5, 3, 1])
    assert.equal(seqs({target: 't4'}), [4])
    assert.equal(seqs({action: 'none'}), [])
    assert.equal(seqs({before: 4, limit: 2}), [3, 2])
    const report = await audit.verifyAudit()
    assert.equal([report.ok, report.entries, report.head], [true, 5, all[0]?.hash])
  }),
)

test(
  'an empty log is whole',
  withAudit(async ({audit}) => {
    assert.equal(await audit.verifyAudit(), {
      ok: true,
      entries: 0,
      brokenAt: null,
      message: '0 entries, none of them changed',
      head: null,
    })
  }),
)

test(
  'the hash is what the documentation says it is',
  withAudit(async ({audit, store, clock}) => {
    const at = clock.now()
    audit.recordAudit({who: 'ann', action: 'a', target: 't', details: {z: 1, a: {y: [1], b: null}}})
    audit.recordAudit({who: 'bob', action: 'b', target: ''})
    const first = hash('sha256', `\n[1,${at},"ann","a","t",${JSON.stringify('{"a":{"b":null,"y":[1]},"z":1}')}]`)
    const second = hash('sha256', `${first}\n[2,${at},"bob","b","","{}"]`)
    assert.equal(
      store.audit.listAfter(0, 9).map(row => row.hash),
      [first, second],
    )
  }),
)

const TAMPERING: [what: string, sql: string, brokenAt: number][] = [
  ['a changed name', "UPDATE audit SET who = 'eve' WHERE seq = 3", 3],
  ['one changed byte of the details', `UPDATE audit SET details = '{"index":7}' WHERE seq = 4`, 4],
  ['a changed time', 'UPDATE audit SET at = at + 1 WHERE seq = 1', 1],
  ['a changed hash', "UPDATE audit SET hash = 'x' || substr(hash, 2) WHERE seq = 5", 5],
  ['a deleted entry', 'DELETE FROM audit WHERE seq = 3', 3],
  ['a deleted start', 'DELETE FROM audit WHERE seq <= 2', 1],
  ['a closed gap', 'DELETE FROM audit WHERE seq = 3; UPDATE audit SET seq = seq - 1 WHERE seq > 3', 3],
  ['two swapped', 'UPDATE audit SET seq = -seq WHERE seq IN (2, 3); UPDATE audit SET seq = 5 + seq WHERE seq < 0', 2],
]
for (const [what, sql, brokenAt] of TAMPERING) {
  test(
    `${what} is found, at its place`,
    withAudit(async ({audit, write, tamper}) => {
      write(6)
      assert.ok((await audit.verifyAudit()).ok)
      tamper(sql)
      const report = await audit.verifyAudit()
      assert.equal([report.ok, report.brokenAt, report.head], [false, brokenAt, null])
      assert.match(report.message, /^entry \d is missing$|^entry \d was changed$/)
    }),
  )
}

test(
  'a cut-off end, or a log made anew, is found by the head that was noted',
  withAudit(async ({audit, write, tamper}) => {
    write(4)
    const {head} = await audit.verifyAudit()
    const noted = {head: head ?? ''}
    assert.ok((await audit.verifyAudit(noted)).ok)
    write(2)
    assert.ok((await audit.verifyAudit(noted)).ok, 'a head noted earlier is still in the log')
    tamper('DELETE FROM audit WHERE seq > 2')
    assert.ok((await audit.verifyAudit()).ok, 'without a noted head nothing is to be seen')
    assert.equal((await audit.verifyAudit(noted)).brokenAt, 3)
    write(4)
    assert.not.ok((await audit.verifyAudit(noted)).ok)
  }),
)

test(
  'the database itself refuses to change or delete an entry',
  withAudit(async ({write, file}) => {
    write(2)
    const db = new DatabaseSync(file)
    try {
      for (const sql of ["UPDATE audit SET who = 'eve'", 'DELETE FROM audit WHERE seq = 2']) {
        assert.throws(() => db.exec(sql), /keeps its entries/)
      }
    } finally {
      db.close()
    }
  }),
)

test(
  'what cannot be written is AUDIT_FAILED, leaves no gap and no line in the log',
  withAudit(async ({audit, write, tamper, logged}) => {
    write(1)
    tamper("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'disk is full'); END")
    assert.throws(
      () => audit.recordAudit({who: 'ann', action: 'a', target: 't'}),
      (error: unknown) => isHostError(error, 'AUDIT_FAILED') && /disk is full/.test(error.message),
    )
    assert.is(logged.length, 1)
    tamper('DROP TRIGGER full')
    write(1)
    assert.ok((await audit.verifyAudit()).ok)
    assert.is(logged.length, 2)
    assert.is((logged[1] as {audit: {seq: number}}).audit.seq, 2)
  }),
)

test(
  'a change that is undone takes its entry along',
  withAudit(async ({audit, store, write}) => {
    write(1)
    assert.throws(() =>
      store.commitNow(() => {
        write(2)
        throw new Error('undone')
      }),
    )
    write(1)
    assert.equal((await audit.verifyAudit()).entries, 2)
  }),
)

/** A lone half of a pair and a zero are what a database does not give back. */
const ODD_UNITS = ['a', 'ü', '💩', '\ud800', '\0', '\n', '"']

test(
  'any details are kept as they were, and huge ones are cut',
  withAudit(async ({audit}) => {
    const plain = fc.dictionary(fc.string(), fc.jsonValue(), {noNullPrototype: true})
    fc.assert(
      fc.property(plain, fc.string({unit: fc.constantFrom(...ODD_UNITS)}), (details, target) => {
        const told = JSON.parse(JSON.stringify(details)) as JsonObject
        audit.recordAudit({who: 'ann', action: 'a', target, details: told})
        const [entry] = audit.listAudit({limit: 1})
        assert.equal(entry?.details as Json, told)
        assert.is(entry?.target, target.replaceAll(/[\ud800\0]/g, '\ufffd'))
      }),
      {numRuns: 50},
    )
    audit.recordAudit({who: 'ann', action: 'a', target: '', details: {text: 'x'.repeat(20_000)}})
    assert.match(JSON.stringify(audit.listAudit({limit: 1})[0]?.details), /characters of details/)
    assert.ok((await audit.verifyAudit()).ok)
  }),
)

test(
  'a log of several pages is followed to its end',
  withAudit(async ({audit, store, write, tamper}) => {
    store.commitNow(() => write(2500))
    assert.equal((await audit.verifyAudit()).entries, 2500)
    tamper("UPDATE audit SET target = '' WHERE seq = 2400")
    assert.is((await audit.verifyAudit()).brokenAt, 2400)
  }),
)

test.run()
