/** Prints what the demo does, each step with its time. */
export interface Story {
  /** Runs one step; what it resolves with is printed behind the step's name. */
  step<T>(name: string, run: () => Promise<{text: string; value: T}>): Promise<T>
  readonly failed: boolean
}

export function startStory(): Story {
  const started = performance.now()
  let number = 0
  let failed = false
  return {
    get failed() {
      return failed
    },
    async step(name, run) {
      const from = performance.now()
      const label = `${String(++number).padStart(2)}. ${name}`
      try {
        const {text, value} = await run()
        const took = `${Math.round(performance.now() - from)} ms`
        console.log(
          `${label}  (${took}, ${((performance.now() - started) / 1000).toFixed(1)} s so far)\n      ${text.replaceAll('\n', '\n      ')}`,
        )
        return value
      } catch (error) {
        failed = true
        console.log(`${label}  FAILED\n      ${error instanceof Error ? error.message : String(error)}`)
        throw error
      }
    },
  }
}
