import {refuseBody} from './body-problem.ts'

export type BodyType = 'json' | 'form' | 'xml' | 'text' | 'none'

export interface Body {
  text: string
  contentType: string
}

/** The body as it goes over the wire; undefined when there is none. Throws a PluginError of category `input`. */
export async function renderBody(type: BodyType, body: unknown): Promise<Body | undefined> {
  if (type === 'none' || body === undefined) return undefined
  if (type === 'json') return {text: renderJson(body), contentType: 'application/json'}
  if (type === 'form') return {text: renderForm(body), contentType: 'application/x-www-form-urlencoded'}
  if (type === 'text') return {text: renderText(body), contentType: 'text/plain; charset=utf-8'}
  const {renderXml} = await import('./render-xml.ts')
  return {text: await renderXml(body), contentType: 'application/xml; charset=utf-8'}
}

function renderJson(body: unknown): string {
  if (typeof body !== 'string') return JSON.stringify(body)
  try {
    JSON.parse(body)
    return body
  } catch (error) {
    // The parser's own words quote the text: it may hold what a ticket keeps private.
    throw refuseBody('it is not valid JSON', 'Give an object, or text that is JSON', error)
  }
}

function renderForm(body: unknown): string {
  if (typeof body === 'string') return body
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw refuseBody('a form needs names and values', 'Give an object, or text that is encoded already')
  }
  const form = new URLSearchParams()
  for (const [name, value] of Object.entries(body)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (typeof item === 'object' && item !== null) {
        throw refuseBody(`the form field "${name}" is an object`, 'A form field is a text, a number or a list of them')
      }
      if (item !== null) form.append(name, String(item))
    }
  }
  return form.toString()
}

function renderText(body: unknown): string {
  if (typeof body === 'object' && body !== null)
    throw refuseBody('it is an object', 'Choose json, form or xml for objects')
  return body === null ? '' : String(body)
}
