import {XMLParser, XMLValidator} from 'fast-xml-parser'
import {refuseAnswer} from './answer-problem.ts'

/** One element: its name -> its children, `:@` -> its attributes; or a text: `#text` -> the text. */
type Node = {[name: string]: unknown}
const ATTRIBUTES = ':@'
const TEXT = '#text'

/**
 * The text of an element or attribute: names from the root on by `/`, `[2]` for the second of a name, `@name` last for an
 * attribute. Prefixes of namespaces are left out on both sides.
 */
export function findXml(text: string, path: string): string | undefined {
  if (XMLValidator.validate(text) !== true) {
    throw refuseAnswer('it is not well-formed XML', 'Check the URL, or say where to look with "from"')
  }
  let nodes = parse(text)
  let attributes: {[name: string]: string} = {}
  const steps = path.split('/').filter(step => step !== '')
  for (const [index, step] of steps.entries()) {
    if (step.startsWith('@')) return index === steps.length - 1 ? own(attributes, dropPrefix(step.slice(1))) : undefined
    const [, name = step, position = '1'] = /^(.+)\[(\d{1,6})\]$/.exec(step) ?? []
    const found = nodes.filter(child => childrenOf(child, dropPrefix(name)) !== undefined)[Number(position) - 1]
    if (found === undefined) return undefined
    nodes = childrenOf(found, dropPrefix(name)) ?? []
    attributes = (found[ATTRIBUTES] ?? {}) as {[name: string]: string}
  }
  return joinText(nodes).trim()
}

function parse(text: string): Node[] {
  const parser = new XMLParser({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: '',
    removeNSPrefix: true,
    // 0042 and 1e3 are texts: an order number keeps its zeros.
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    processEntities: true,
  })
  try {
    return parser.parse(text) as Node[]
  } catch {
    throw refuseAnswer('its XML is nested or referenced beyond what is safe', 'Ask for a simpler answer')
  }
}

function childrenOf(node: Node, name: string): Node[] | undefined {
  const children = Object.hasOwn(node, name) ? node[name] : undefined
  return Array.isArray(children) ? children : undefined
}

function joinText(nodes: Node[]): string {
  return nodes
    .flatMap(node =>
      TEXT in node ? String(node[TEXT]) : Object.keys(node).map(name => joinText(childrenOf(node, name) ?? [])),
    )
    .join('')
}

function own(values: {[name: string]: string}, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined
}

function dropPrefix(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
