/** `npm run bench`: what the product costs beside what there is. `--json FILE` writes the results, `--quick` only shows that it works. */
import {writeFile} from 'node:fs/promises'
import {availableParallelism, loadavg} from 'node:os'
import {parseArgs} from 'node:util'
import {measureAll} from './measure-all.ts'
import {FULL, QUICK} from './plan.ts'
import {renderTable} from './render-table.ts'

const {values} = parseArgs({options: {json: {type: 'string'}, quick: {type: 'boolean', default: false}}})
const started = performance.now()
const readLoad = (): string => loadavg()[0]?.toFixed(1) ?? ''
const loadBefore = readLoad()

const results = await measureAll(values.quick ? QUICK : FULL, part => console.error(`Measuring ${part}`))

console.log(renderTable(results))
console.log(
  `\nNode ${process.version}, ${availableParallelism()} cores, load ${loadBefore} before and ${readLoad()} after, ${Math.round((performance.now() - started) / 1000)} s`,
)
const missed = results.filter(({met}) => met === false)
console.log(missed.length === 0 ? 'Every bar is met' : `Missed: ${missed.map(({id}) => id).join(', ')}`)
if (values.json) await writeFile(values.json, `${JSON.stringify({results}, null, 2)}\n`)
