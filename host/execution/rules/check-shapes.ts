import {type Condition, type MappingRow, OPERATORS} from '../../mapping-types.ts'

/** Groups in one another. */
const DEEPEST = 20
const LONGEST_TEMPLATE = 64 * 1024
const MISSING: readonly unknown[] = ['error', 'omit', 'empty', 'keep']

export function isObject(value: unknown): value is {[key: string]: unknown} {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Of the condition alone: whether there are such fields is another question, as they come and go. */
export function isCondition(node: unknown, depth = 1): node is Condition {
  if (!isObject(node) || depth > DEEPEST) return false
  const {all, any, field, is} = node
  const parts = all ?? any
  if (parts === undefined) return typeof field === 'string' && OPERATORS.some(operator => operator === is)
  return Array.isArray(parts) && parts.every(part => isCondition(part, depth + 1))
}

/** Of the row alone, too. */
export function isRow(row: unknown): row is MappingRow {
  if (!isObject(row)) return false
  const {target, template, when, missing, allowRaw} = row
  return (
    typeof target === 'string' &&
    typeof template === 'string' &&
    template.length <= LONGEST_TEMPLATE &&
    (when === undefined || isCondition(when)) &&
    (missing === undefined ||
      MISSING.includes(missing) ||
      (isObject(missing) && typeof missing.default === 'string')) &&
    (allowRaw === undefined || typeof allowRaw === 'boolean')
  )
}
