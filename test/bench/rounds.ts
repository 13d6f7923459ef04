import {mapNames} from './map-names.ts'

/**
 * Measures each subject once a round, one after another: A B C, A B C. What the machine does meanwhile meets all of them.
 * The rounds that come first are for warming up and do not count.
 */
export async function measureInRounds<Name extends string>(
  {rounds, warmUps = 1}: {rounds: number; warmUps?: number},
  subjects: {[name in Name]: () => Promise<number>},
): Promise<{[name in Name]: {name: Name; values: number[]}}> {
  const names = Object.keys(subjects) as Name[]
  const series = mapNames(names, name => ({name, values: [] as number[]}))
  for (let round = 0; round < warmUps + rounds; round++) {
    for (const name of names) {
      const value = await subjects[name]()
      if (round >= warmUps) series[name].values.push(value)
    }
  }
  return series
}
