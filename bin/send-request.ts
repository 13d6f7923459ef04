import {Agent as HttpAgent, type IncomingMessage, type OutgoingHttpHeaders, request as requestHttp} from 'node:http'
import {Agent as HttpsAgent, request as requestHttps} from 'node:https'
import type {Readable} from 'node:stream'

export interface OutgoingRequest {
  method: string
  headers: OutgoingHttpHeaders
  body?: string | Readable | undefined
  signal?: AbortSignal | undefined
}

/**
 * Sends a request and resolves when the answer begins. Not fetch, because that gives up on an answer after five minutes,
 * and an action may take longer.
 */
export function sendRequest(url: URL, {method, headers, body, signal}: OutgoingRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:'
    // A server closes a connection that is not to be kept as soon as it has refused an upload, and the refusal gets lost.
    const agent = new (secure ? HttpsAgent : HttpAgent)({keepAlive: true})
    const request = (secure ? requestHttps : requestHttp)(url, {method, headers, signal, agent})
    request.on('error', reject)
    request.once('response', answer => {
      // A refusal can come before everything was sent; the rest is not wanted.
      if (typeof body === 'object') body.destroy()
      // Nothing may be left to keep this process alive.
      answer.once('close', () => request.destroy())
      resolve(answer)
    })
    if (typeof body !== 'object') request.end(body)
    else body.on('error', error => request.destroy(error)).pipe(request)
  })
}
