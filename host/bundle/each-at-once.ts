/** Runs the work for every item, at most `atOnce` at a time. The first failure ends it, after what runs has ended. */
export async function eachAtOnce<T>(
  items: Iterable<T>,
  atOnce: number,
  run: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  let failure: {error: unknown} | undefined
  const work = async (): Promise<void> => {
    for (let next = iterator.next(); !next.done && !failure; next = iterator.next()) {
      try {
        await run(next.value)
      } catch (error) {
        failure ??= {error}
      }
    }
  }
  await Promise.all(Array.from({length: atOnce}, work))
  if (failure) throw failure.error
}
