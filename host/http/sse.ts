import {type Clock, systemClock} from './api.ts'

/** Time without a line after which a comment is sent, so that proxies and clients see that the stream lives; milliseconds. */
const HEARTBEAT_MS = 15_000

export interface StreamEvent {
  id: string
  data: unknown
}

interface RenderOptions {
  clock?: Clock
  heartbeatMs?: number
}

/**
 * Server-sent events, one string each. Nothing is read ahead: a reader that is slow is simply not asked for more, and
 * the source's own bound decides what is lost. Ends when the source ends.
 */
export async function* renderEvents(
  events: AsyncIterable<StreamEvent>,
  {clock = systemClock, heartbeatMs = HEARTBEAT_MS}: RenderOptions = {},
): AsyncGenerator<string> {
  const source = events[Symbol.asyncIterator]()
  try {
    // The first bytes make the headers leave at once.
    yield ': open\n\n'
    let next = source.next()
    for (;;) {
      const result = await raceHeartbeat(next, clock, heartbeatMs)
      if (result === 'heartbeat') yield ': heartbeat\n\n'
      else if (result.done) return
      else {
        yield renderEvent(result.value)
        next = source.next()
      }
    }
  } finally {
    await source.return?.()
  }
}

/** JSON holds no line break, so one data line is enough. */
function renderEvent({id, data}: StreamEvent): string {
  return `id: ${id}\ndata: ${JSON.stringify(data)}\n\n`
}

async function raceHeartbeat<T>(next: Promise<T>, clock: Clock, ms: number): Promise<T | 'heartbeat'> {
  let cancel = (): void => {}
  const beat = new Promise<'heartbeat'>(resolve => {
    cancel = clock.after(ms, () => resolve('heartbeat'))
  })
  try {
    return await Promise.race([next, beat])
  } finally {
    cancel()
  }
}
