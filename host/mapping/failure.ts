/** A value that a filter, an escaping or a parameter does not take. The message goes on from "…: ". */
export class ValueFailure extends Error {
  readonly code: string
  readonly remedy: string

  constructor(code: string, message: string, remedy: string) {
    super(message)
    this.code = code
    this.remedy = remedy
  }
}

const SHOWN = 60

/** A value in a message: short, on one line. */
export function showValue(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text
}

/** Characters of a value. Larger ones are refused, so that no row of filters grows one without end. */
export const LARGEST_TEXT = 1_000_000

export function refuseLong(length: number): void {
  if (length <= LARGEST_TEXT) return
  throw new ValueFailure(
    'VALUE_TOO_LONG',
    `it has more than ${LARGEST_TEXT} characters`,
    'Shorten it, as with |slice:0,1000',
  )
}
