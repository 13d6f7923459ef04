/**
 * Generated from plugin.json by "plugin-host build": change it there, not here.
 * Use it as `definePlugin<Types>({...})`.
 */
export interface Types {
  config: Config
  actions: {
    send: {
      input: SendInput
      output: SendOutput
    }
    fetch: {
      input: FetchInput
      output: FetchOutput
    }
  }
}
export interface Config {
  /**
   * http or https. Calls name a path below it and cannot leave it. Without it every call names its whole URL.
   */
  baseUrl?: string
  /**
   * Sent with every call. Credentials belong under Authentication.
   */
  headers: {
    [k: string]: string
  }
  auth: {
    /**
     * oauth2: client credentials.
     */
    type: 'none' | 'basic' | 'bearer' | 'apiKey' | 'oauth2'
    username?: string
    password?: string
    token?: string
    apiKey?: string
    apiKeyIn?: 'header' | 'query'
    /**
     * Name of the header or query parameter.
     */
    apiKeyName?: string
    tokenUrl?: string
    clientId?: string
    clientSecret?: string
    /**
     * How the client names itself to the token endpoint.
     */
    clientAuth?: 'basic' | 'body'
    scope?: string
    audience?: string
  }
  tls: {
    /**
     * PEM. Trusted besides the well-known authorities.
     */
    ca?: string
    /**
     * PEM. Client certificate, with its chain.
     */
    cert?: string
    /**
     * PEM. Private key of the client certificate.
     */
    key?: string
    /**
     * Of the private key.
     */
    passphrase?: string
    /**
     * Name the certificate must carry, when it is not the host of the URL.
     */
    serverName?: string
    /**
     * Accepts any certificate: whoever sits between can read and change everything. Every call warns.
     */
    insecure: boolean
  }
  proxy?: {
    /**
     * http://proxy:3128
     */
    url: string
    username?: string
    password?: string
    /**
     * Called directly: a host, .suffix, host:port, a network (10.0.0.0/8), or *.
     *
     * @maxItems 200
     */
    noProxy: string[]
  }
  timeouts: {
    /**
     * Until the connection stands, TLS included; milliseconds.
     */
    connectMs: number
    /**
     * One attempt from start to end; milliseconds. Never past the deadline of the call.
     */
    totalMs: number
  }
  retry: {
    /**
     * Attempts after the first.
     */
    max: number
    /**
     * First wait; doubled each time, milliseconds.
     */
    baseMs: number
    /**
     * Longest wait; when the other system asks for more, the host is told to come back later. Milliseconds.
     */
    capMs: number
    /**
     * Header that carries the idempotency key, such as Idempotency-Key. Set it only when the other system honours it: POST and PATCH are then repeated too.
     */
    idempotencyHeader?: string
  }
  /**
   * How many are followed.
   */
  redirects: number
  answer: {
    /**
     * Statuses that count as success: "200" or "200-299".
     *
     * @minItems 1
     * @maxItems 50
     */
    success: string[]
    /**
     * Read of an answer, unpacked; bytes.
     */
    maxBytes: number
    /**
     * Length of the output "body", characters.
     */
    bodyChars: number
  }
  test: {
    /**
     * Fetched by the connection test and must succeed. Without it any answer but a refusal of the credentials will do.
     */
    path?: string
    method: 'GET' | 'HEAD' | 'OPTIONS'
  }
}
export interface SendInput {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET'
  /**
   * Whole address, http or https. Needed when the configuration has no base URL; with one it must lie below it.
   */
  url?: string
  /**
   * Appended to the configured base URL; may hold a query.
   */
  path?: string
  /**
   * Added to the URL, encoded. A list repeats its name; null is left out.
   */
  query?: {
    [k: string]: string | number | boolean | null | (string | number | boolean)[]
  }
  /**
   * Besides and instead of the configured ones.
   */
  headers?: {
    [k: string]: string
  }
  bodyType: 'json' | 'form' | 'xml' | 'text' | 'none'
  /**
   * json: a value, or JSON as text. form: an object, or encoded text. xml: an object with one root (@name is an attribute, #text the text), or XML as text.
   */
  body?: string | number | boolean | null | unknown[] | {}
  /**
   * Instead of the configured ones: "200" or "200-299".
   *
   * @minItems 1
   * @maxItems 50
   */
  success?: string[]
  /**
   * The answer must hold this value; else the action fails.
   */
  expect?: {
    /**
     * Where to look; by the content type of the answer when left out.
     */
    from?: 'json' | 'xml' | 'header'
    /**
     * JSON: a pointer (/items/0/id) or a dotted path (items.0.id). XML: names by /, [2] for the second of a name, @name for an attribute (reply/item[2]/@id). Header: its name.
     */
    path: string
    /**
     * XML and header values are compared as text.
     */
    equals: string | number | boolean | null
  }
  /**
   * What of the answer becomes the output "value".
   */
  extract?: {
    /**
     * Where to look; by the content type of the answer when left out.
     */
    from?: 'json' | 'xml' | 'header'
    /**
     * JSON: a pointer (/items/0/id) or a dotted path (items.0.id). XML: names by /, [2] for the second of a name, @name for an attribute (reply/item[2]/@id). Header: its name.
     */
    path: string
  }
  /**
   * Id of a request that gets a note with the outcome.
   */
  ticket?: string
}
export interface SendOutput {
  /**
   * Status of the answer; left out in a dry run.
   */
  status?: number
  /**
   * The extracted value; null when the answer has none there.
   */
  value?: string | number | boolean | null | unknown[] | {}
  /**
   * Text of the answer, cut at the configured length.
   */
  body?: string
  /**
   * True when there was more of it.
   */
  bodyCut?: boolean
  /**
   * All attempts and the waits between them, milliseconds.
   */
  durationMs: number
  /**
   * How often it was sent.
   */
  attempts: number
  /**
   * Dry run only: what would be sent, credentials masked.
   */
  request?: {
    method: string
    url: string
    headers: {
      [k: string]: string
    }
    body: string
  }
}
export interface FetchInput {
  /**
   * Whole address, http or https. Needed when the configuration has no base URL; with one it must lie below it.
   */
  url?: string
  /**
   * Appended to the configured base URL; may hold a query.
   */
  path?: string
  /**
   * Added to the URL, encoded. A list repeats its name; null is left out.
   */
  query?: {
    [k: string]: string | number | boolean | null | (string | number | boolean)[]
  }
  /**
   * Besides and instead of the configured ones.
   */
  headers?: {
    [k: string]: string
  }
  /**
   * Instead of the configured ones: "200" or "200-299".
   *
   * @minItems 1
   * @maxItems 50
   */
  success?: string[]
  /**
   * The answer must hold this value; else the action fails.
   */
  expect?: {
    /**
     * Where to look; by the content type of the answer when left out.
     */
    from?: 'json' | 'xml' | 'header'
    /**
     * JSON: a pointer (/items/0/id) or a dotted path (items.0.id). XML: names by /, [2] for the second of a name, @name for an attribute (reply/item[2]/@id). Header: its name.
     */
    path: string
    /**
     * XML and header values are compared as text.
     */
    equals: string | number | boolean | null
  }
  /**
   * What of the answer becomes the output "value".
   */
  extract?: {
    /**
     * Where to look; by the content type of the answer when left out.
     */
    from?: 'json' | 'xml' | 'header'
    /**
     * JSON: a pointer (/items/0/id) or a dotted path (items.0.id). XML: names by /, [2] for the second of a name, @name for an attribute (reply/item[2]/@id). Header: its name.
     */
    path: string
  }
  /**
   * Id of a request that gets a note with the outcome.
   */
  ticket?: string
}
export interface FetchOutput {
  /**
   * Status of the answer.
   */
  status: number
  /**
   * The extracted value; null when the answer has none there.
   */
  value?: string | number | boolean | null | unknown[] | {}
  /**
   * Text of the answer, cut at the configured length.
   */
  body?: string
  /**
   * True when there was more of it.
   */
  bodyCut?: boolean
  /**
   * All attempts and the waits between them, milliseconds.
   */
  durationMs: number
  /**
   * How often it was sent.
   */
  attempts: number
}
