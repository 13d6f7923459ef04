/** Cleanups, pushed when something is acquired; run last in, first out, once. Failures are collected, not hidden. */
export interface Releasers {
  push(release: () => Promise<void> | void): void
  /** Idempotent: the same promise each time. Rejects with an AggregateError of whatever failed. */
  release(): Promise<void>
}

export function createReleasers(): Releasers {
  const stack: (() => Promise<void> | void)[] = []
  let released: Promise<void> | undefined

  async function run(): Promise<void> {
    const errors: unknown[] = []
    for (let release = stack.pop(); release !== undefined; release = stack.pop()) {
      try {
        await release()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0)
      throw new AggregateError(errors, `Cannot release everything: ${errors.length} cleanups failed`)
  }

  return {
    push: release => void stack.push(release),
    release: () => (released ??= run()),
  }
}
