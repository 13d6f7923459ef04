import {createSchedules, type Schedules} from '../../host/execution/schedules/schedules.ts'
import type {Schedule, ScheduleDefinition} from '../../host/types.ts'
import {type StoreTest, withStore} from './store.ts'
import {createTestQueue, settle, type TestQueue} from './workflow-queue.ts'

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DEFINITION: ScheduleDefinition = {
  name: 'Pull assets',
  registration: 'echo',
  action: 'say',
  cron: '0 * * * *',
  timeZone: 'Europe/Berlin',
}

export interface ScheduleTest extends StoreTest {
  queue: TestQueue
  schedules: Schedules
  faults: unknown[]
  /** Forgets all that is in memory, as a crash does. */
  crash(): void
  add(change?: Partial<ScheduleDefinition>): Promise<Schedule>
  get(): Schedule
  pass(minutes: number): Promise<void>
}

/** The real scheduler over a real store, a minute past the hour; each look at the clock is the test's. */
export function withSchedules(run: (test: ScheduleTest) => Promise<void>): Promise<void> {
  return withStore(async tested => {
    const {store, clock} = tested
    clock.advance(HOUR - (clock.now() % HOUR) + MINUTE)
    const queue = createTestQueue(store)
    const faults: unknown[] = []
    const open = (): Schedules => {
      const onError = (error: unknown): void => void faults.push(error)
      return createSchedules({clock, store, queue, findExecution: queue.find, checkCall: () => {}, onError})
    }
    const test: ScheduleTest = {
      ...tested,
      queue,
      faults,
      schedules: open(),
      crash() {
        queue.forget()
        test.schedules = open()
      },
      add: change => test.schedules.verbs.createSchedule({id: 'pull', ...DEFINITION, ...change}),
      get: () => test.schedules.verbs.getSchedule('pull'),
      async pass(minutes) {
        for (let passed = 0; passed < minutes; passed++) {
          clock.advance(MINUTE)
          await settle()
        }
      },
    }
    await run(test)
    await test.schedules.stop()
  })
}
