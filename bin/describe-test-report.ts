import type {TestReport} from '../host/index.ts'

/** A connection test for people, one stage a line. */
export function describeTestReport({ok, stages, error, durationMs}: TestReport): string {
  const lines = stages.map(stage => {
    const message = stage.message ? `: ${stage.message}` : ''
    return `${stage.ok ? 'ok    ' : 'failed'} ${stage.name} (${Math.round(stage.durationMs)} ms)${message}`
  })
  const reason = error ? [`${error.code} ${error.message}`, ...(error.hint ? [`  ${error.hint}`] : [])] : []
  return [...lines, ...reason, `${ok ? 'it works' : 'it does not work'} (${Math.round(durationMs)} ms)`].join('\n')
}
