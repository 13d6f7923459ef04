/** An object with a value for each name. */
export function mapNames<Name extends string, Value>(
  names: readonly Name[],
  make: (name: Name) => Value,
): {[name in Name]: Value} {
  return Object.fromEntries(names.map(name => [name, make(name)])) as {[name in Name]: Value}
}
