/** Wrong use of the command line, or a server's refusal: what is wrong, and what to do about it. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly code: string
  readonly remedy: string | undefined
  /** For programs. */
  readonly details: unknown

  constructor(code: string, message: string, remedy?: string, details?: unknown) {
    super(message)
    this.code = code
    this.remedy = remedy
    this.details = details
  }
}

/** A failure as data, the same for people and for --json. */
export interface FailureReport {
  code: string
  message: string
  remedy?: string
  details?: unknown
}

const WRONG_USE = /^(USAGE$|HOST_CONFIG_INVALID$|MANIFEST_|BUNDLE_|BUILD_)/

/** An error of any origin: ours, the host's (known by its name, since loading its class would load the server), or a bug. */
export function reportFailure(error: unknown): FailureReport {
  if (!(error instanceof Error)) return {code: 'INTERNAL', message: String(error)}
  if (error instanceof Failure) {
    const {code, message, remedy, details} = error
    return {...withRemedy(code, message, remedy), ...(details !== undefined && {details})}
  }
  if (error.name === 'HostError' && 'code' in error && typeof error.code === 'string') {
    const problems = 'details' in error && isTable(error.details) ? error.details.problems : undefined
    // Of a failed build every line is a place and what is wrong there, none of them a remedy.
    const [message = '', ...remedy] = error.code === 'BUILD_FAILED' ? [error.message] : error.message.split('\n')
    return {...withRemedy(error.code, message, remedy.join('\n')), ...(problems !== undefined && {details: {problems}})}
  }
  return {code: 'INTERNAL', message: process.env.DEBUG ? (error.stack ?? error.message) : error.message}
}

/** 2 for wrong use and bad bundles, else 1. */
export function exitCodeOf(code: string): 1 | 2 {
  return WRONG_USE.test(code) ? 2 : 1
}

function withRemedy(code: string, message: string, remedy: string | undefined): FailureReport {
  return remedy ? {code, message, remedy} : {code, message}
}

function isTable(value: unknown): value is {[key: string]: unknown} {
  return typeof value === 'object' && value !== null
}
