import {Failure} from './failure.ts'

/** The one option of several that was given; undefined for none. Two at once contradict each other. */
export function findOnly<Name extends string>(
  options: {[name in Name]?: unknown},
  names: readonly Name[],
): Name | undefined {
  const given = names.filter(name => options[name] !== undefined && options[name] !== false)
  const [first, second] = given
  if (second !== undefined) throw new Failure('USAGE', `Cannot use --${first} and --${second} together`)
  return first
}

/** The id that an option needs. */
export function requireId(id: string | undefined, option: string): string {
  if (id !== undefined) return id
  throw new Failure('USAGE', `Cannot use --${option}: it needs an id`)
}
