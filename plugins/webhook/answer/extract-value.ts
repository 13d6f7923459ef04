import type {IncomingHttpHeaders} from 'node:http'
import type {Json} from 'plugin-host/sdk'
import {refuseAnswer} from './answer-problem.ts'

export interface Place {
  from?: 'json' | 'xml' | 'header'
  path: string
}

/** What of an answer a place can be looked up in. */
export interface Readable {
  headers: IncomingHttpHeaders
  text: string
  /** False when the text was cut. */
  complete: boolean
}

/** The value at a place of the answer; undefined when it has none there. Throws a PluginError when it cannot be read at all. */
export async function extractValue(answer: Readable, {from, path}: Place): Promise<Json | undefined> {
  const kind = from ?? guessKind(answer)
  if (kind === 'header') return findHeader(answer.headers, path.toLowerCase())
  if (!answer.complete)
    throw refuseAnswer('it is larger than may be read', 'Raise answer.maxBytes in the configuration')
  if (answer.text.trim() === '') return undefined
  if (kind === 'json') return findJson(parseJson(answer.text), splitJsonPath(path))
  const {findXml} = await import('./find-xml.ts')
  return findXml(answer.text, path)
}

/** Steps of a JSON pointer (`/a/0/b`) or a dotted path (`a.0.b`, `a[0].b`). */
export function splitJsonPath(path: string): string[] {
  if (path.startsWith('/')) {
    return path
      .slice(1)
      .split('/')
      .map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  }
  return path
    .replace(/^\$\.?/, '')
    .replaceAll(/\[(\d+)\]/g, '.$1')
    .split('.')
    .filter(step => step !== '')
}

/** The value at the end of the steps; only what the data itself holds. */
export function findJson(value: Json, steps: readonly string[]): Json | undefined {
  let found: Json | undefined = value
  for (const step of steps) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined
    if (Array.isArray(found)) found = /^\d+$/.test(step) ? found[Number(step)] : undefined
    else found = found[step]
  }
  return found
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json
  } catch {
    throw refuseAnswer('it is not valid JSON', 'Check the URL, or say where to look with "from"')
  }
}

function guessKind({headers, text}: Readable): 'json' | 'xml' {
  const type = headers['content-type'] ?? ''
  if (/[/+]json/i.test(type)) return 'json'
  return /[/+]xml/i.test(type) || text.trimStart().startsWith('<') ? 'xml' : 'json'
}

function findHeader(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined
  return Array.isArray(value) ? value.join(', ') : value
}
