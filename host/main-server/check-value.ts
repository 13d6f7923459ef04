import type {Json} from '../../runtime/protocol.ts'
import type {FieldInfo} from '../record-types.ts'

const LONGEST_TEXT = 100_000
const MOST_TAGS = 100
const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/

export type Checked = {value: Json} | {problem: string}

/** The value as it is kept, or what is wrong with it. Nothing (null, an empty text) clears a field that may be empty. */
export function checkValue(field: FieldInfo, value: Json): Checked {
  if (value === null || value === '') return field.required ? {problem: 'must not be empty'} : {value: null}
  switch (field.type) {
    case 'text':
    case 'user':
      if (typeof value !== 'string') return {problem: 'must be a text'}
      if (value.length > LONGEST_TEXT) return {problem: `must have at most ${LONGEST_TEXT} characters`}
      return field.required && value.trim() === '' ? {problem: 'must not be empty'} : {value}
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) ? {value} : {problem: 'must be a number'}
    case 'boolean':
      return typeof value === 'boolean' ? {value} : {problem: 'must be true or false'}
    case 'date':
      return typeof value === 'string' && isDate(value) ? {value} : {problem: 'must be a date as 2027-03-31'}
    case 'choice':
      return checkChoice(field, value)
    case 'tags':
      return checkTags(value)
  }
}

function checkChoice({choices = []}: FieldInfo, value: Json): Checked {
  const found = choices.find(choice => typeof value === 'string' && choice.toLowerCase() === value.trim().toLowerCase())
  return found === undefined ? {problem: `must be one of ${choices.join(', ')}`} : {value: found}
}

function checkTags(value: Json): Checked {
  const isList = Array.isArray(value) && value.length <= MOST_TAGS
  const tags = isList ? value.filter(tag => typeof tag === 'string' && tag !== '' && tag.length <= 200) : []
  if (!isList || tags.length < value.length) return {problem: `must be a list of at most ${MOST_TAGS} texts`}
  return {value: [...new Set(tags)]}
}

/** A day that is in the calendar: JavaScript would take 30 February for the second of March. */
function isDate(text: string): boolean {
  if (!DATE.test(text)) return false
  const day = text.slice(0, 10)
  const at = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day) && !Number.isNaN(Date.parse(text))
}
