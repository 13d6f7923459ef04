/** Writes the tables of docs/ that follow from code anew: `node test/write-docs.ts`. The docs' test tells when that is due. */
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {renderTables} from './support/render-tables.ts'

for (const {file, head, text} of renderTables()) {
  const path = join(import.meta.dirname, '..', file)
  const before = readFileSync(path, 'utf8')
  const start = before.indexOf(head)
  if (start === -1) throw new Error(`Cannot write ${file}: it has no line "${head}"`)
  const end = /\n(?!\|)/.exec(before.slice(start))?.index ?? before.length - start
  writeFileSync(path, before.slice(0, start) + text + before.slice(start + end))
  console.log(`${file}: ${head}`)
}
