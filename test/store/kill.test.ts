import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {createInterface} from 'node:readline'
import {suite} from 'uvu'
import {equal, is, ok} from 'uvu/assert'
import {systemClock} from '../../host/clock.ts'
import {Registrations} from '../../host/registry/registrations.ts'
import {openSecrets} from '../../host/registry/secrets.ts'
import {openStore} from '../../host/store/open-store.ts'
import {deadline} from '../support/deadline.ts'
import {echoManifest} from '../support/echo-manifest.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('kill')
const FIXTURE = join(import.meta.dirname, '../fixtures/store/commit-registrations.ts')
const ROUNDS = [1, 40, 90]

/** The ids the child told before it was killed in the middle of its work. */
async function killAfter(folder: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', FIXTURE, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const told: string[] = []
  try {
    for await (const line of createInterface({input: child.stdout})) {
      told.push(line)
      if (told.length === count) child.kill('SIGKILL')
    }
  } finally {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  return told
}

test('after kill -9 every acknowledged registration is there, opens, and the file is intact', () =>
  deadline(60_000, () =>
    withTempFolder(async folder => {
      const told: string[] = []
      for (const count of ROUNDS) {
        told.push(...(await killAfter(folder, count)))
        const store = openStore(`${folder}/store.db`, {clock: systemClock})
        try {
          is(store.stoppedCleanly, false, 'the integrity check ran')
          const secrets = openSecrets(`${folder}/secret.key`, store)
          const parts = {store, secrets, clock: systemClock, findManifest: () => echoManifest}
          const found = new Set(new Registrations(parts).list().map(({id}) => id))
          equal(
            told.filter(id => !found.has(id)),
            [],
          )
          ok(
            found.size - told.length <= ROUNDS.length,
            'at most one more a round: stored, but killed before it was told',
          )
        } finally {
          store.close()
        }
      }
      ok(told.length >= ROUNDS.reduce((sum, count) => sum + count, 0))
    }),
  ))

test.run()
