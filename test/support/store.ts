import {join} from 'node:path'
import type {HostError} from '../../host/errors.ts'
import {openStore, type Store} from '../../host/store/open-store.ts'
import type {Execution} from '../../host/types.ts'
import {createFakeClock, type FakeClock} from './fake-clock.ts'
import {withTempFolder} from './temp.ts'

export interface StoreTest {
  store: Store
  clock: FakeClock
  folder: string
  file: string
  /** What the log could not write. */
  errors: HostError[]
}

/** A real store in a folder of its own; closed and removed afterwards. */
export function withStore<T>(run: (test: StoreTest) => Promise<T> | T): Promise<T> {
  return withTempFolder(async folder => {
    const clock = createFakeClock()
    const errors: HostError[] = []
    const file = join(folder, 'store.db')
    const store = openStore(file, {clock, onError: error => void errors.push(error)})
    try {
      return await run({store, clock, folder, file, errors})
    } finally {
      store.close()
    }
  })
}

export function describeExecution(change: Partial<Execution> & {execution: string}): Execution {
  return {
    status: 'succeeded',
    output: {said: 'hello'},
    effects: [],
    message: '',
    error: null,
    attempts: 1,
    durationMs: 2,
    registration: 'echo',
    plugin: 'echo',
    version: '1.0.0',
    action: 'say',
    mode: 'live',
    by: 'test',
    input: {name: 'Ann'},
    startedAt: 1_800_000_000_000,
    endedAt: 1_800_000_000_002,
    records: 0,
    artifacts: [],
    durable: false,
    record: null,
    mapping: null,
    origin: null,
    fence: null,
    tries: [],
    nextAttemptAt: null,
    ...change,
  }
}
