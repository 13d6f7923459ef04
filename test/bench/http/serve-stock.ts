/** A worker that hands each request to a child by stock vscode-jsonrpc, with no authentication, validation or record: `node serve-stock.ts`. */
import Fastify from 'fastify'
import {startStockJsonRpc} from '../calls/stock-jsonrpc.ts'
import {makeParams} from '../calls/subject.ts'
import {answerParent} from '../worker.ts'

const child = await startStockJsonRpc()
const params = makeParams(0)
const app = Fastify()
app.post<{Body: {input: typeof params.input}}>('/execute', request =>
  child.call({...params, input: request.body.input}),
)

answerParent(
  async () => `${await app.listen({host: '127.0.0.1', port: 0})}/execute`,
  async () => {
    await app.close()
    await child.stop()
  },
)
