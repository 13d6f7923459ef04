import {randomBytes} from 'node:crypto'

const TIME_DIGITS = 9
const COUNT_DIGITS = 4

/**
 * Ids of 21 characters that sort by time: milliseconds, a counter within them, and what tells this server from others, as
 * other systems may be handed them as idempotency keys. Safe as file names. A clock set back does not break the order.
 */
export function createIdSource(now: () => number): () => string {
  const server = randomBytes(4).toString('hex')
  let time = 0
  let count = 0
  let prefix = ''
  return () => {
    const current = now()
    if (current > time) {
      time = current
      count = 0
      prefix = time.toString(36).padStart(TIME_DIGITS, '0')
    } else count++
    return prefix + count.toString(36).padStart(COUNT_DIGITS, '0') + server
  }
}
