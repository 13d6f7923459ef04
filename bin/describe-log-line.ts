import type {LogLine} from '../host/index.ts'
import {renderTime} from './render-table.ts'

/** A line of a plugin's log for people. */
export function describeLogLine({at, level, source, message, fields, execution}: LogLine): string {
  const more = fields === undefined ? '' : ` ${JSON.stringify(fields)}`
  const call = execution === undefined ? '' : ` [${execution}]`
  return `${renderTime(at)} ${level.padEnd(5)} ${source.padEnd(6)}${call} ${message}${more}`
}
