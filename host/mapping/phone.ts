/** Countries whose numbers keep their leading zero: Italy, San Marino. */
const KEEP_ZERO = new Set(['39', '378'])
const E164 = /^\+[1-9]\d{6,14}$/

/**
 * A telephone number as `+<country><number>`. One without a country code takes the given one; without that, undefined, as
 * for what is no telephone number.
 */
export function toE164(value: string, country?: string): string | undefined {
  // "+49 (0)30 1234": the zero is dialled within the country only.
  const text = value.trim().replace('(0)', '')
  if (text.length > 40 || !/^\+?[\d\s()./-]+$/.test(text)) return undefined
  const digits = text.replaceAll(/\D/g, '')
  const national = country !== undefined && !KEEP_ZERO.has(country) ? digits.replace(/^0/, '') : digits
  const number = text.startsWith('+')
    ? digits
    : digits.startsWith('00')
      ? digits.slice(2)
      : country && country + national
  return number !== undefined && E164.test(`+${number}`) ? `+${number}` : undefined
}
