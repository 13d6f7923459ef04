import type {Json} from 'plugin-host/sdk'
import {PluginError} from 'plugin-host/sdk'
import {extractValue, type Place} from '../answer/extract-value.ts'
import type {Types} from '../plugin.types.ts'
import type {Mask} from '../request/mask.ts'
import type {Called} from './call-web.ts'
import type {Session} from './session.ts'

type Judging = Pick<Types['actions']['fetch']['input'], 'expect' | 'extract'>
type Output = Types['actions']['fetch']['output']

/** The output of an answer whose status is a success. Throws a PluginError when it does not hold what it must. */
export async function judgeAnswer(
  {config, mask}: Session,
  called: Called,
  {expect, extract}: Judging,
): Promise<Output> {
  const {status, text, complete, attempts, durationMs} = called
  if (expect) requireEqual((await extractValue(called, expect)) ?? null, expect, mask)
  const value = extract ? mask.value((await extractValue(called, extract)) ?? null) : null
  const body = mask.text(text)
  const {bodyChars} = config.answer
  return {
    status,
    value: value as NonNullable<Output['value']>,
    body: body.slice(0, bodyChars).toWellFormed(),
    bodyCut: !complete || body.length > bodyChars,
    durationMs,
    attempts,
  }
}

/** Compared as text: a template fills in "0" where the answer has 0. */
function requireEqual(found: Json, {path, equals}: Place & {equals: Json}, mask: Mask): void {
  const same = typeof found === 'object' || equals === null ? found === equals : String(found) === String(equals)
  if (same) return
  const shown = found === null ? 'missing' : mask.text(JSON.stringify(found)).slice(0, 100)
  throw new PluginError(`Cannot accept the answer: "${path}" is ${shown}, not ${JSON.stringify(equals)}`, {
    category: 'business',
    code: 'EXPECTATION_FAILED',
    hint: 'The other system took the request but says that it did not succeed',
  })
}
