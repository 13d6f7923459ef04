/** An access token as the token endpoint gave it. */
export interface IssuedToken {
  token: string
  lifetimeMs: number
}

export interface TokenSource {
  /** The kept token, or a new one; callers at the same time share one request. */
  get(): Promise<string>
  /** The other system refused this one: the next `get` asks for a new one. */
  drop(token: string): void
}

/** Given up this long before it expires, so that it does not expire on its way. */
const MARGIN_MS = 30_000

/** Keeps an access token until shortly before it expires. A failed request is not kept. */
export function createTokenSource(request: () => Promise<IssuedToken>, now: () => number = Date.now): TokenSource {
  let kept: {token: string; until: number} | undefined
  let pending: Promise<string> | undefined

  async function renew(): Promise<string> {
    try {
      const {token, lifetimeMs} = await request()
      kept = {token, until: now() + lifetimeMs - Math.min(MARGIN_MS, lifetimeMs / 10)}
      return token
    } finally {
      pending = undefined
    }
  }

  return {
    async get() {
      if (kept && now() < kept.until) return kept.token
      pending ??= renew()
      return pending
    },
    drop(token) {
      // Another call may have renewed it meanwhile.
      if (kept?.token === token) kept = undefined
    },
  }
}
