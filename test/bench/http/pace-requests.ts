import {Agent, request} from 'node:http'
import type {LoadReport, PacedOrder} from './load.ts'

const TICK_MS = 2
/** The first requests wait for connections and for code to be compiled: their times do not count, their failures do. */
const WARM_UP_MS = 1000

/**
 * Requests at an even rate, whether those before are answered or not; each one's time runs from when it was due. autocannon
 * sends those of a second in one burst, which hides what a swap adds.
 */
export async function paceRequests({target, connections, seconds, rate}: PacedOrder): Promise<LoadReport> {
  const agent = new Agent({keepAlive: true, maxSockets: connections})
  const answers: Promise<void>[] = []
  const report: LoadReport = {requests: 0, perSecond: rate, failed: 0, worstMs: 0}
  const started = performance.now()
  const send = async (due: number): Promise<void> => {
    const ok = await post(target, agent)
    if (!ok) report.failed++
    if (due - started > WARM_UP_MS) report.worstMs = Math.max(report.worstMs, performance.now() - due)
  }
  await new Promise<void>(resolve => {
    const timer = setInterval(() => {
      const elapsed = performance.now() - started
      for (; report.requests < Math.floor((Math.min(elapsed, seconds * 1000) * rate) / 1000); report.requests++)
        answers.push(send(started + (report.requests * 1000) / rate))
      if (elapsed < seconds * 1000) return
      clearInterval(timer)
      resolve()
    }, TICK_MS)
  })
  await Promise.all(answers)
  agent.destroy()
  return report
}

/** True for the right answer. */
function post({url, headers, body, expect}: PacedOrder['target'], agent: Agent): Promise<boolean> {
  return new Promise(resolve => {
    const sent = request(url, {method: 'POST', agent, headers: {...headers, 'content-length': Buffer.byteLength(body)}})
    sent.on('error', () => resolve(false))
    sent.on('response', response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', () => resolve(false))
      response.on('end', () => resolve(response.statusCode === 200 && text.includes(expect)))
    })
    sent.end(body)
  })
}
