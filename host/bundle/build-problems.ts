import {HostError} from '../errors.ts'

const SHOWN = 50

/** One thing that keeps a plugin from being built; the file relative to its folder, line and column from 1. */
export interface BuildProblem {
  file?: string
  line?: number
  column?: number
  message: string
}

/** `main.ts:3:5: message`. */
export function formatBuildProblem({file, line, column, message}: BuildProblem): string {
  const place = [file, line, column].filter(part => part !== undefined).join(':')
  return place ? `${place}: ${message}` : message
}

/** A BUILD_FAILED that lists the problems, one on a line. */
export function buildFailed(plugin: string, problems: readonly BuildProblem[], cause?: unknown): HostError {
  const lines = problems.slice(0, SHOWN).map(formatBuildProblem)
  const more = problems.length > SHOWN ? [`and ${problems.length - SHOWN} more`] : []
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  return new HostError('BUILD_FAILED', {plugin, reason: [count, ...lines, ...more].join('\n'), problems}, cause)
}
