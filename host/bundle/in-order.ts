const last = new Map<string, Promise<unknown>>()

/** Runs one after the other what has the same key; a failure does not stop the next. */
export function inOrder<T>(key: string, run: () => Promise<T>): Promise<T> {
  const before = last.get(key) ?? Promise.resolve()
  const mine = before.then(run, run)
  last.set(key, mine)
  const forget = (): void => {
    if (last.get(key) === mine) last.delete(key)
  }
  mine.then(forget, forget)
  return mine
}
