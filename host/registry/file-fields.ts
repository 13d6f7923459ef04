import {X509Certificate} from 'node:crypto'
import type {Json, JsonObject} from '../../runtime/protocol.ts'
import {CERTAIN, expandSchemas, isObject, itemSchemas, propertySchemas} from '../expand-schemas.ts'
import type {JsonSchema} from '../manifest.ts'
import {escapePointer, type Problem} from '../schema.ts'

const WIDGET = 'x-fp-widget'
/** Of one file in a configuration, bytes. */
export const FILE_BYTES = 256 * 1024
const SOON_MS = 30 * 24 * 3_600_000
const CERTIFICATE_LABELS = new Set(['CERTIFICATE', 'X509 CERTIFICATE'])

/** What is wrong with the files in a configuration (`x-fp-widget`: `certificate`, `file`), and what soon will be. */
export interface FileFindings {
  problems: Problem[]
  warnings: Problem[]
}

export function checkFiles(schema: JsonSchema, config: JsonObject, now: number): FileFindings {
  const findings: FileFindings = {problems: [], warnings: []}
  visit([schema], config, '', schema, (pointer, text, widget) => {
    const fault = Buffer.byteLength(text) > FILE_BYTES ? `is larger than ${FILE_BYTES} bytes` : undefined
    const found = fault === undefined && widget === 'certificate' ? checkCertificates(text, now) : {problem: fault}
    if (found.problem !== undefined) findings.problems.push({pointer, message: found.problem})
    else if (found.warning !== undefined) findings.warnings.push({pointer, message: found.warning})
  })
  return findings
}

/** True for a field that holds a file; `path` are the names that lead to it. */
export function isFileField(schema: JsonSchema, path: readonly string[]): boolean {
  let schemas: Json[] = [schema]
  for (const name of path) {
    schemas = expandSchemas(schemas, schema, CERTAIN).flatMap(each => propertySchemas(each, name))
  }
  return expandSchemas(schemas, schema, CERTAIN).some(each => isFile(each[WIDGET]))
}

/** A copy with the value at the path; undefined takes the field away. Objects on the way are made. */
export function setAt(
  config: JsonObject,
  [name = '', ...rest]: readonly string[],
  value: Json | undefined,
): JsonObject {
  const {[name]: known, ...others} = config
  const inner = isObject(known) ? known : {}
  const next = rest.length === 0 ? value : setAt(inner, rest, value)
  return next === undefined ? others : {...others, [name]: next}
}

function isFile(widget: Json | undefined): widget is 'certificate' | 'file' {
  return widget === 'certificate' || widget === 'file'
}

type OnFile = (pointer: string, text: string, widget: 'certificate' | 'file') => void

function visit(schemas: Json[], value: Json, pointer: string, root: JsonSchema, onFile: OnFile): void {
  const all = expandSchemas(schemas, root, CERTAIN)
  const widget = all.map(schema => schema[WIDGET]).find(isFile)
  if (typeof value === 'string') {
    if (widget && value !== '') onFile(pointer, value, widget)
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const own = all.flatMap(schema => itemSchemas(schema, index))
      visit(own, item, `${pointer}/${index}`, root, onFile)
    }
  } else if (isObject(value)) {
    for (const [key, child] of Object.entries(value)) {
      const own = all.flatMap(schema => propertySchemas(schema, key))
      visit(own, child, `${pointer}/${escapePointer(key)}`, root, onFile)
    }
  }
}

interface CertificateFinding {
  problem?: string | undefined
  warning?: string
}

/** One or more certificates in PEM, each good now. */
function checkCertificates(text: string, now: number): CertificateFinding {
  const blocks = readPem(text)
  if (blocks.length === 0) {
    return {
      problem: 'is no PEM text: it must have a line "-----BEGIN CERTIFICATE-----"; openssl x509 converts other forms',
    }
  }
  let warning: string | undefined
  for (const {label, pem} of blocks) {
    const found = checkCertificate(label, pem, now)
    if (found.problem !== undefined) return found
    warning ??= found.warning
  }
  return warning === undefined ? {} : {warning}
}

function checkCertificate(label: string, pem: string | undefined, now: number): CertificateFinding {
  if (label.endsWith('PRIVATE KEY')) {
    return {problem: 'holds a private key, which would be shown to readers: give the certificate only'}
  }
  if (!CERTIFICATE_LABELS.has(label)) return {problem: `holds "${label}", not a certificate`}
  try {
    const certificate = new X509Certificate(pem ?? '')
    const [from, to] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
    const until = new Date(to).toISOString().slice(0, 10)
    if (to <= now) return {problem: `has expired on ${until}: give a current certificate`}
    if (from > now) return {warning: `is not valid before ${new Date(from).toISOString()}`}
    return to <= now + SOON_MS ? {warning: `expires on ${until}: renew it soon`} : {}
  } catch {
    return {problem: 'is not a certificate: it is cut off or damaged'}
  }
}

const BEGIN = /-----BEGIN ([A-Z0-9 ]{1,40})-----/g

/** The PEM blocks of a text; one without an end has no `pem`. Linear, as the first such one ends the search. */
function readPem(text: string): {label: string; pem?: string}[] {
  const blocks: {label: string; pem?: string}[] = []
  BEGIN.lastIndex = 0
  for (let match = BEGIN.exec(text); match !== null; match = BEGIN.exec(text)) {
    const label = match[1] ?? ''
    const mark = `-----END ${label}-----`
    const end = text.indexOf(mark, BEGIN.lastIndex)
    if (end < 0) return [...blocks, {label}]
    BEGIN.lastIndex = end + mark.length
    blocks.push({label, pem: text.slice(match.index, BEGIN.lastIndex)})
  }
  return blocks
}
