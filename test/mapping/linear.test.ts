import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {mapOne} from './map-record.ts'

const test = suite('linear work')
const folder = join(import.meta.dirname, '../../host/mapping')

/** A regular expression as it is written, and not a division or a comment. */
const LITERAL = /(?<=[(,=:?&|!]\s*|return )\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/g

/** A repetition of what holds a repetition, or an open repetition before the end: both may be tried again and again. */
function mayGoBack(expression: string): boolean {
  const plain = expression.replaceAll(/\\./g, 'x').replaceAll(/\[[^\]]*\]/g, 'x')
  const nested = /\((?:[^()]*[^()\\])?[*+}][^()]*\)[*+]/.test(plain)
  const tail = /(?:[*+])\$?\/[a-z]*$/.test(plain) && plain.includes('$/') && !plain.startsWith('/^')
  return nested || tail
}

test('no regular expression goes back over what it has read', () => {
  const found = globSync('*.ts', {cwd: folder}).flatMap(file => {
    const text = readFileSync(join(folder, file), 'utf8').replaceAll(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')
    return [...text.matchAll(LITERAL)].map(([expression]) => `${file} ${expression}`)
  })
  assert.ok(found.length > 20, found.join('\n'))
  assert.equal(
    found.filter(each => mayGoBack(each.slice(each.indexOf(' ') + 1))),
    [],
  )
  for (const bad of ['/(a+)+$/', '/(?:[a-z]*b)*x/', '/\\s+$/g']) assert.ok(mayGoBack(bad), bad)
})

test('what comes out is no larger than template and values allow', () => {
  const escapes = ['url', 'html', 'ldap-dn', 'ldap-filter', 'json', 'csv']
  for (const context of escapes) {
    const x = {type: 'string', 'x-fp-context': context}
    const of = (size: number): number => {
      const {input} = mapOne(context === 'csv' ? '"{#Subject}"' : '{#Subject}', {subject: '"<\\é*'.repeat(size), x})
      return String(input.x).length
    }
    assert.is(of(2000) - of(1000), of(3000) - of(2000), context)
    assert.ok(of(1000) <= 5000 * 12)
  }
})

test.run()
