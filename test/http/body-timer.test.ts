import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {startBodyTimer} from '../../host/http/body-timer.ts'
import {createFakeClock} from '../support/fake-clock.ts'

const test = suite('body-timer')

function withTimer(
  run: (parts: {pass: (ms: number) => void; watch: () => {expired: boolean; done: () => void}}) => void,
): void {
  const clock = createFakeClock()
  const timer = startBodyTimer(1000, clock)
  run({
    pass: clock.advance,
    watch() {
      const entry = {
        lastLook: 0,
        expired: false,
        expire() {
          this.expired = true
        },
        done: () => timer.delete(entry),
      }
      timer.add(entry)
      return entry
    },
  })
  timer.stop()
  assert.is(clock.timers, 0)
}

test('nothing ends before its time, and everything within a quarter after it', () => {
  withTimer(({pass, watch}) => {
    pass(100)
    const entry = watch()
    pass(1000)
    assert.not.ok(entry.expired)
    pass(260)
    assert.ok(entry.expired)
  })
})

test('what is done in time never ends, and what came later waits for its own time', () => {
  withTimer(({pass, watch}) => {
    const quick = watch()
    const slow = watch()
    quick.done()
    pass(900)
    const late = watch()
    pass(400)
    assert.equal([quick.expired, slow.expired, late.expired], [false, true, false])
    pass(1000)
    assert.ok(late.expired)
  })
})

test.run()
