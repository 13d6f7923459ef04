/** Fails loudly instead of hanging: uvu itself has no timeout. */
export async function deadline<T>(ms: number, work: Promise<T> | (() => Promise<T>), what = 'the work'): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Cannot finish ${what}: not done within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([typeof work === 'function' ? work() : work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Resolves with the first value of `look` that is not undefined, false or null; looks every 20 ms until `ms` have passed. */
export async function eventually<T>(
  ms: number,
  look: () => Promise<T> | T,
  what = 'the condition',
): Promise<NonNullable<T>> {
  const end = performance.now() + ms
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found
    if (performance.now() > end) throw new Error(`Cannot see ${what}: not so within ${ms} ms`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
