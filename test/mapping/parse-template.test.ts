import fc from 'fast-check'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {parseTemplate} from '../../host/mapping/parse-template.ts'
import {printTemplate} from '../../host/mapping/print-template.ts'
import type {Part} from '../../host/mapping/template.ts'

const test = suite('templates')

/** Placeholders as `name|filter:args`, texts as they are. */
function read(template: string): string[] {
  return parseTemplate(template).parts.map(part =>
    part.kind === 'text'
      ? part.text
      : `<${part.name}${part.filters.map(({name, args}) => `|${name}${args.map(arg => `[${arg}]`).join('')}`).join('')}>`,
  )
}

test('names in both spellings, with spaces, pipes and arguments', () => {
  const rows: [template: string, parts: string[]][] = [
    ['', []],
    ['plain', ['plain']],
    ['{#Name}', ['<Name>']],
    ['{#Phone#}', ['<Phone>']],
    ['{# Ticket Id #} and {#Name}', ['<Ticket Id>', ' and ', '<Name>']],
    ['{#A|upper|slice:0,3}', ['<A|upper|slice[0][3]>']],
    ['{#A | default : none }', ['<A|default[none]>']],
    ['{#A|join:", "}', ['<A|join[, ]>']],
    [`{#A|replace:'"',"'"}`, [`<A|replace["][']>`]],
    ['{#A|split:"\\n"}', ['<A|split[\n]>']],
    ['{#A|replace:"\\\\",/}', ['<A|replace[\\][/]>']],
    ['{#A|date:dd.MM.yyyy HH:mm,Europe/Berlin#}', ['<A|date[dd.MM.yyyy HH:mm][Europe/Berlin]>']],
    ['{#A|default:}', ['<A|default[]>']],
    ['{#"A | B}"}', ['<A | B}>']],
    ['{#C##}', ['<C#>']],
    ['{#a{b}', ['<a{b>']],
    ['{ #A} {A} #}', ['{ #A} {A} #}']],
  ]
  for (const [template, parts] of rows) {
    assert.equal(read(template), parts, template)
    assert.equal(parseTemplate(template).faults, [], template)
  }
})

test('a backslash makes the two characters text, and two stand for one', () => {
  assert.equal(read('\\{#Name}'), ['{#Name}'])
  assert.equal(read('DOMAIN\\\\{#Name}'), ['DOMAIN\\', '<Name>'])
  assert.equal(read('\\\\\\{#Name}'), ['\\{#Name}'])
  assert.equal(read('C:\\temp\\ {#Name}'), ['C:\\temp\\ ', '<Name>'])
})

test('what cannot be read is told with its position, and the rest is read all the same', () => {
  const rows: [template: string, at: number, code: string][] = [
    ['Hello {#Name', 6, 'PLACEHOLDER_OPEN'],
    ['{#Name\n}', 0, 'PLACEHOLDER_OPEN'],
    ['{#A {#B}', 0, 'PLACEHOLDER_OPEN'],
    ['{#A|default:"x}', 12, 'PLACEHOLDER_OPEN'],
    ['a {#} b', 2, 'PLACEHOLDER_EMPTY'],
    ['{##}', 0, 'PLACEHOLDER_EMPTY'],
    ['{#A|default:"x"y}', 15, 'PLACEHOLDER_UNREADABLE'],
  ]
  for (const [template, at, code] of rows) {
    const {faults} = parseTemplate(template)
    assert.equal(
      faults.map(fault => [fault.at, fault.code]),
      [[at, code]],
      template,
    )
    assert.ok(faults[0]?.remedy)
  }
  assert.equal(read('{#A {#B} and {#C}'), ['<B>', ' and ', '<C>'])
})

/** Texts in which everything that has a meaning turns up often. */
const tricky = fc
  .array(
    fc.oneof(
      fc.constantFrom('{#', '}', '#}', '|', ':', ',', '"', "'", '\\', '\n', ' ', '#', '{'),
      fc.string({maxLength: 4}),
    ),
  )
  .map(pieces => pieces.join(''))

const strip = (parts: readonly Part[]): unknown[] =>
  parts.map(part =>
    part.kind === 'text'
      ? {text: part.text}
      : {name: part.name, quoted: part.quoted, filters: part.filters.map(({name, args}) => ({name, args}))},
  )

test('printed and read again, a template is the same', () => {
  fc.assert(
    fc.property(tricky, template => {
      const {parts, faults} = parseTemplate(template)
      fc.pre(faults.length === 0)
      const printed = printTemplate(parts)
      const again = parseTemplate(printed)
      assert.equal(again.faults, [])
      assert.equal(strip(again.parts), strip(parts))
      assert.is(printTemplate(again.parts), printed)
    }),
    {numRuns: 2000},
  )
})

test('parts of any names, arguments and texts can be printed', () => {
  const filter = fc.record({
    at: fc.constant(0),
    name: fc.constantFrom('default', 'replace', 'join'),
    args: fc.array(tricky, {maxLength: 3}),
  })
  const placeholder = fc.record({
    kind: fc.constant('placeholder' as const),
    at: fc.constant(0),
    name: tricky,
    quoted: fc.constant(true),
    filters: fc.array(filter, {maxLength: 3}),
  })
  const text = tricky.filter(each => each !== '')
  const parts = fc
    .array(fc.tuple(fc.option(text), placeholder), {maxLength: 4})
    .map(pairs =>
      pairs.flatMap<Part>(([before, part]) => [
        ...(before === null ? [] : [{kind: 'text' as const, at: 0, text: before, escapes: []}]),
        part,
      ]),
    )
  fc.assert(
    fc.property(parts, given => {
      const {parts: found, faults} = parseTemplate(printTemplate(given))
      assert.equal(faults, [])
      assert.equal(strip(found), strip(given))
    }),
    {numRuns: 1000},
  )
})

/** A text that counts how many of its characters are looked at. */
class CountedText extends String {
  static looked = 0
  override charAt(at: number): string {
    CountedText.looked++
    return super.charAt(at)
  }
  override startsWith(text: string, at = 0): boolean {
    CountedText.looked += text.length
    return super.startsWith(text, at)
  }
  override indexOf(text: string, at = 0): number {
    const found = super.indexOf(text, at)
    CountedText.looked += (found < 0 ? this.length : found) - at + text.length
    return found
  }
  override slice(start = 0, end = this.length): string {
    CountedText.looked += Math.max(0, end - start)
    return super.slice(start, end)
  }
}

function countLooks(template: string, parse: (text: string) => unknown): number {
  CountedText.looked = 0
  parse(new CountedText(template) as unknown as string)
  return CountedText.looked
}

/** Each is bad for a parser that goes back. */
const HOSTILE = ['{#', '{#a|', '{#a|x:"', '\\{#', '\\\\\\\\', '{#a}', '{#a|b:c,', '{', '{#a\n', '{#"', "{#'\\", '{{{#']

test('the time to read grows with the size and not faster', () => {
  for (const piece of HOSTILE) {
    const [small, large] = [500, 4000].map(times => countLooks(piece.repeat(times), parseTemplate)) as [number, number]
    assert.ok(small > 0)
    assert.ok(large <= small * 8 * 1.05, `${piece}: ${small} and then ${large}`)
    assert.ok(large <= piece.length * 4000 * 20, `${piece}: ${large}`)
  }
  // The same count tells a parser that goes back after each fault.
  const goesBack = (text: string): void => {
    for (let at = text.indexOf('{#'); at >= 0; at = text.indexOf('{#', at + 1)) text.indexOf('}', at)
  }
  const [small, large] = [500, 4000].map(times => countLooks('{#'.repeat(times), goesBack)) as [number, number]
  assert.ok(large > small * 30)
})

test.run()
