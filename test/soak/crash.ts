/** `npm run soak:crash -- --cycles 500 --rate 50 --seed N`: what is left of accepted executions when the built server is killed over and over. */
import {parseArgs} from 'node:util'
import {withTempFolder} from '../support/temp.ts'
import {runSoak} from './run-soak.ts'

const LISTED = 20
const {values} = parseArgs({
  options: {
    cycles: {type: 'string', default: '500'},
    rate: {type: 'string', default: '50'},
    seed: {type: 'string', default: String(Date.now() % 2 ** 31)},
  },
})
const plan = {cycles: Number(values.cycles), rate: Number(values.rate), seed: Number(values.seed)}
if (Object.values(plan).some(number => !Number.isInteger(number) || number < 0)) {
  throw new Error('Cannot run: --cycles, --rate and --seed take whole numbers')
}

const {lost, doubles, damage, ...counts} = await withTempFolder(folder =>
  runSoak({
    ...plan,
    folder,
    program: 'dist/bin/main.js',
    onCycle: (cycle, accepted) => {
      if (cycle % 10 === 0) console.error(`${cycle} of ${plan.cycles} cycles, ${accepted} accepted`)
    },
  }),
)
console.log(
  JSON.stringify({...plan, ...counts, lost: lost.length, doubles: doubles.length, damage: damage.length}, null, 2),
)
for (const line of [...lost, ...doubles, ...damage].slice(0, LISTED)) console.log(line)
process.exitCode = lost.length + doubles.length + damage.length > 0 ? 1 : 0
