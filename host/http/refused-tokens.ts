const WINDOW_MS = 60_000

interface Row {
  count: number
  /** When the window ends; milliseconds on the clock's own scale. */
  endsAt: number
}

/** Counts refused tokens by address. Only refusals slow down: a valid token passes whatever else its address sent. */
export interface RefusedTokens {
  /** Milliseconds to wait once an address is over the limit, else 0. */
  record(address: string, now: number): number
  readonly size: number
}

/** `maxAddresses` bounds the memory: the oldest window makes room. */
export function countRefusedTokens(perMinute: number, maxAddresses = 10_000): RefusedTokens {
  const rows = new Map<string, Row>()

  function openRow(address: string, now: number): Row {
    // Insertion order is order of expiry, as every window is as long as any other.
    rows.delete(address)
    for (const [oldest, row] of rows) {
      if (row.endsAt > now && rows.size < maxAddresses) break
      rows.delete(oldest)
    }
    const row = {count: 0, endsAt: now + WINDOW_MS}
    rows.set(address, row)
    return row
  }

  return {
    record(address, now) {
      const known = rows.get(address)
      const row = known !== undefined && known.endsAt > now ? known : openRow(address, now)
      row.count += 1
      return row.count > perMinute ? row.endsAt - now : 0
    },
    get size() {
      return rows.size
    },
  }
}
