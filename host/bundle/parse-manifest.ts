import jsonc, {type Node, type ParseError} from 'jsonc-parser'
import type {Manifest} from '../manifest.ts'
import manifestSchema from '../plugin.schema.json' with {type: 'json'}
import {compileSchema, escapePointer, type Problem} from '../schema.ts'
import {ENTRY_LIMITS} from './bundle-limits.ts'
import {type BundleProblem, describeProblem, refusal} from './bundle-problems.ts'
import {createLocator, findOffset, type LocateOffset} from './locate-json.ts'

const MAX_DEPTH = 64
const checkManifest = compileSchema(manifestSchema, {all: true})
// The first sets the prototype where it is copied carelessly; the wire refuses both.
const FORBIDDEN_KEYS = ['__proto__', 'constructor']

/** plugin.json as data. Throws MANIFEST_INVALID with every problem of its text; `place` names the file in them. */
export function parseManifest(text: string, place = 'plugin.json'): Manifest {
  const {manifest, problems} = readManifest(text, place)
  if (manifest === undefined) throw refusal(problems)
  return manifest
}

/** The same without throwing: either a manifest, or at least one problem. */
export function readManifest(
  text: string,
  place = 'plugin.json',
): {manifest: Manifest | undefined; problems: BundleProblem[]} {
  const source = text.replace(/^\ufeff/, '')
  const problems = findTextProblems(source, place)
  if (problems.length > 0) return {manifest: undefined, problems}
  const errors: ParseError[] = []
  const tree = jsonc.parseTree(source, errors, {disallowComments: true, allowTrailingComma: false})
  const locate = (offset: number): string => `${place} ${createLocator(source)(offset)}`
  if (tree === undefined || errors.length > 0) return {manifest: undefined, problems: toSyntaxProblems(errors, locate)}
  const found = findKeyProblems(tree, locate)
  // A key that is there twice has no one value that could be checked.
  if (found.length > 0) return {manifest: undefined, problems: found}
  const value: unknown = JSON.parse(source)
  const misfits = toSchemaProblems(checkManifest(structuredClone(value)), tree, locate)
  return misfits.length > 0 ? {manifest: undefined, problems: misfits} : {manifest: value as Manifest, problems: []}
}

function findTextProblems(text: string, place: string): BundleProblem[] {
  if (Buffer.byteLength(text) > ENTRY_LIMITS.manifest) return [describeProblem('MANIFEST_TOO_LARGE', place)]
  if (measureDepth(text) > MAX_DEPTH) return [describeProblem('MANIFEST_TOO_DEEP', place)]
  return []
}

/** Deepest nesting, told without recursion: the parser itself would run out of stack. */
function measureDepth(text: string): number {
  let depth = 0
  let deepest = 0
  for (const [token] of text.matchAll(/"(?:[^"\\\n]|\\.)*"|[[\]{}]/g)) {
    if (token === '{' || token === '[') deepest = Math.max(deepest, ++depth)
    if (token === '}' || token === ']') depth--
  }
  return deepest
}

function toSyntaxProblems(errors: ParseError[], locate: LocateOffset): BundleProblem[] {
  if (errors.length === 0) return [describeProblem('MANIFEST_SYNTAX', '', 'it is empty')]
  return errors.map(({error, offset}) => {
    const words = jsonc.printParseErrorCode(error).replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`)
    return describeProblem('MANIFEST_SYNTAX', '', `${words.trim()}, ${locate(offset)}`)
  })
}

function findKeyProblems(node: Node, locate: LocateOffset, pointer = ''): BundleProblem[] {
  const children = node.children ?? []
  if (node.type === 'array') {
    return children.flatMap((child, index) => findKeyProblems(child, locate, `${pointer}/${index}`))
  }
  const seen = new Set<unknown>()
  return children.flatMap(property => {
    const [name, value] = property.children ?? []
    const key = String(name?.value)
    const here = `${pointer}/${escapePointer(key)}`
    const problems: BundleProblem[] = []
    if (seen.has(key)) problems.push(describeProblem('MANIFEST_KEY_TWICE', here, locate(property.offset)))
    if (FORBIDDEN_KEYS.includes(key)) {
      problems.push(describeProblem('MANIFEST_KEY_FORBIDDEN', here, locate(property.offset)))
    }
    seen.add(key)
    return value ? [...problems, ...findKeyProblems(value, locate, here)] : problems
  })
}

function toSchemaProblems(found: Problem[], tree: Node, locate: LocateOffset): BundleProblem[] {
  const choice = found.some(({message}) => message.includes('oneOf'))
  const told = new Set<string>()
  const problems = found.flatMap(({pointer, message}) => {
    const key = `${pointer} ${message}`
    if (told.has(key) || (choice && isPartOfChoice(pointer, message))) return []
    told.add(key)
    const where = locate(findOffset(tree, pointer))
    if (message === 'is not a known key') return [describeProblem('MANIFEST_KEY_UNKNOWN', pointer, where)]
    return [describeProblem('MANIFEST_SCHEMA', pointer, `${message}, ${where}`)]
  })
  return choice ? [describeProblem('MANIFEST_ENTRY_CHOICE', '', locate(tree.offset)), ...problems] : problems
}

/** The schema says "entry or process.command" by a oneOf, whose branches each complain in their own words. */
function isPartOfChoice(pointer: string, message: string): boolean {
  if (message.includes('oneOf')) return true
  if (['/process', '/process/command'].includes(pointer)) return message === 'is required' || message.includes('NOT')
  return pointer === '/entry' && (message === 'is required' || message.includes('boolean schema'))
}
