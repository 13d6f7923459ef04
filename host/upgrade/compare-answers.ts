import type {Json} from '../../runtime/protocol.ts'
import {compareJson} from '../author/compare-json.ts'
import type {RehearsedExecution} from '../upgrade-types.ts'

/** What an action answered. */
export interface Answer {
  output: Json
  effects: Json
  message: string
}

const MOST = 20
/** Characters of JSON of one value; a longer one is told by its beginning. */
const LONGEST = 2000

/** Where two answers differ, as JSON pointers: `/output/dn`, `/effects/0/fields`, `/message`. The first places only. */
export function compareAnswers(before: Answer, after: Answer): RehearsedExecution['differences'] {
  return compareJson(before, after)
    .slice(0, MOST)
    .map(({pointer, before, now}) => ({pointer, before: shorten(before), after: shorten(now)}))
}

function shorten(value: unknown): Json {
  const text = JSON.stringify(value) ?? 'null'
  return text.length <= LONGEST ? (JSON.parse(text) as Json) : `${text.slice(0, LONGEST)}…`
}
