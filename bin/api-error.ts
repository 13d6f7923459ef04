/** One of several things that are wrong, with its place. */
export interface ApiProblem {
  /** JSON pointer into the request, or into what it speaks of. */
  pointer?: string
  code?: string
  message: string
  remedy?: string
}

/** A server's refusal: nothing was done. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** The one to program against: the table in docs/errors.md, or `SERVER_REFUSED` for an answer that is none of the server's. */
  readonly code: string
  /** Of HTTP. */
  readonly status: number
  /** What to do about it. */
  readonly remedy: string | undefined
  /** Where several things are wrong, or one has a place. */
  readonly problems: ApiProblem[]

  constructor(
    code: string,
    message: string,
    {status, remedy, problems = []}: {status: number; remedy?: string; problems?: ApiProblem[]},
  ) {
    super(message)
    this.code = code
    this.status = status
    this.remedy = remedy
    this.problems = problems
  }
}

/** What a refusal says, from its body. */
export function readApiError(
  text: string,
  {status, statusText}: {status: number; statusText: string},
  {origin}: URL,
): ApiError {
  const {code, detail, problems} = parseObject(text)
  if (typeof code !== 'string' || typeof detail !== 'string') {
    const message = `Cannot use the server at ${origin}: it answered ${status} ${statusText}`.trim()
    return new ApiError('SERVER_REFUSED', message, {status})
  }
  const [message = '', ...remedy] = detail.split('\n')
  return new ApiError(code, message, {
    status,
    ...(remedy.length > 0 && {remedy: remedy.join('\n')}),
    ...(Array.isArray(problems) && {problems: problems as ApiProblem[]}),
  })
}

function parseObject(text: string): {[key: string]: unknown} {
  try {
    const value: unknown = JSON.parse(text)
    return Object.fromEntries(Object.entries(Object(value)))
  } catch {
    return {}
  }
}
