import {Agent, request} from 'node:http'
import type {SubmitOrder, SubmitReport} from './load.ts'

/** Accepted executions, so many requests at once; one that is refused as the queue is full counts as failed. */
export async function submitAll({target, connections, requests}: SubmitOrder): Promise<SubmitReport> {
  const agent = new Agent({keepAlive: true, maxSockets: connections})
  const report: SubmitReport = {accepted: 0, failed: 0}
  let left = requests
  const send = async (): Promise<void> => {
    while (left-- > 0) {
      const status = await post(target, agent)
      if (status === 202) report.accepted++
      else report.failed++
    }
  }
  await Promise.all(Array.from({length: connections}, send))
  agent.destroy()
  return report
}

/** The status, 0 when there is no answer. */
function post({url, headers, body}: SubmitOrder['target'], agent: Agent): Promise<number> {
  return new Promise(resolve => {
    const sent = request(url, {method: 'POST', agent, headers: {...headers, 'content-length': Buffer.byteLength(body)}})
    sent.on('error', () => resolve(0))
    sent.on('response', response => {
      response.resume()
      response.on('error', () => resolve(0))
      response.on('end', () => resolve(response.statusCode ?? 0))
    })
    sent.end(body)
  })
}
