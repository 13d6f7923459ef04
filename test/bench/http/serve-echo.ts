/** A worker with the least that fastify can do: `node serve-echo.ts`. */
import Fastify from 'fastify'
import {answerParent} from '../worker.ts'

const app = Fastify()
app.post<{Body: {input: unknown}}>('/execute', async request => ({output: request.body.input}))

answerParent(
  async () => `${await app.listen({host: '127.0.0.1', port: 0})}/execute`,
  () => app.close(),
)
