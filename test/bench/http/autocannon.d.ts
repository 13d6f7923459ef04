declare module 'autocannon' {
  interface Options {
    url: string
    method: 'POST'
    headers: {[name: string]: string}
    body: string
    connections: number
    /** Seconds. */
    duration: number
    verifyBody(body: string): boolean
  }
  interface Result {
    /** Answers with another status than 2xx. */
    non2xx: number
    /** Connections that failed, time-outs among them. */
    errors: number
    /** Answers with a body that did not pass. */
    mismatches: number
    /** Seconds. */
    duration: number
    requests: {total: number}
    /** Milliseconds. */
    latency: {max: number}
  }
  export default function autocannon(options: Options): Promise<Result>
}
