/**
 * A stand-in for an SMS gateway, for the walkthroughs: takes {"to", "text"} at POST /messages with the right bearer token, answers
 * {"id"}, and prints what it got. Listens on a free port of 127.0.0.1, which is the first line it prints.
 */
import {createServer} from 'node:http'

const TOKEN = process.argv[2] ?? 'gateway-secret'
let count = 0

const server = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request) text += chunk
  const answer = (status, body) =>
    response.writeHead(status, {'content-type': 'application/json'}).end(JSON.stringify(body))
  if (request.headers.authorization !== `Bearer ${TOKEN}`) return answer(401, {error: 'wrong token'})
  if (request.url === '/health') return answer(200, {ready: true})
  if (request.method !== 'POST' || request.url !== '/messages') return answer(404, {error: 'no such thing'})
  const id = `sms-${++count}`
  console.log(`${id} ${text}`)
  answer(201, {id})
})

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0))
