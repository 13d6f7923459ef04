import {InvalidArgumentError} from 'commander'

/** A whole number that is not negative, for commander's option parser. */
export function parseCount(text: string): number {
  const value = Number(text)
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('it is no whole number')
  return value
}
