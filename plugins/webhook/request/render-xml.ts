import {refuseBody} from './body-problem.ts'

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
/** Names of elements and attributes; narrower than XML allows, wide enough for what systems use. */
const NAME = /^[\p{L}_][\p{L}\p{N}_.-]*(:[\p{L}_][\p{L}\p{N}_.-]*)?$/u
const ATTRIBUTE = '@'
const TEXT = '#text'
const MAX_DEPTH = 64

/** XML text: what is text already is only checked; an object with one root is rendered, every value escaped. */
export async function renderXml(body: unknown): Promise<string> {
  const {XMLBuilder, XMLValidator} = await import('fast-xml-parser')
  if (typeof body === 'string') {
    const result = XMLValidator.validate(body)
    if (result !== true) throw refuseBody(`it is not well-formed XML (line ${result.err.line})`, 'Mend the XML')
    return body
  }
  const root = isObject(body) ? Object.entries(body) : []
  if (root.length !== 1 || Array.isArray(root[0]?.[1]) || root[0]?.[0].startsWith(ATTRIBUTE) || root[0]?.[0] === TEXT) {
    throw refuseBody('XML needs exactly one root element', 'Give an object with one key, the name of the root')
  }
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: ATTRIBUTE,
    textNodeName: TEXT,
    suppressBooleanAttributes: false,
    processEntities: true,
  })
  return DECLARATION + builder.build(toNode(body, 0))
}

/** A copy that the builder cannot read otherwise than meant: names checked, values as text, nothing it gives a meaning of its own. */
function toNode(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw refuseBody(`it is nested deeper than ${MAX_DEPTH}`, 'Flatten it')
  if (Array.isArray(value)) return value.map(item => toNode(item, depth + 1))
  if (!isObject(value)) return value === null || value === undefined ? '' : toText(String(value))
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      const attribute = key.startsWith(ATTRIBUTE)
      const name = attribute ? key.slice(ATTRIBUTE.length) : key
      if (key !== TEXT && !NAME.test(name))
        throw refuseBody(`"${name.slice(0, 60)}" is no name for XML`, 'Rename the key')
      if ((attribute || key === TEXT) && typeof child === 'object' && child !== null) {
        throw refuseBody(`"${key}" must be a plain value`, 'Attributes and #text hold no objects or lists')
      }
      return [key, toNode(child, depth + 1)]
    }),
  )
}

/** XML 1.0 has no way to write other control characters, not even escaped. */
function toText(text: string): string {
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    if (
      (code < 0x20 && !'\t\n\r'.includes(character)) ||
      (code >= 0xd800 && code <= 0xdfff) ||
      (code & 0xfffe) === 0xfffe
    ) {
      throw refuseBody('it holds a control character that XML cannot carry', 'Remove it from the text')
    }
  }
  return text
}

function isObject(value: unknown): value is {[key: string]: unknown} {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
