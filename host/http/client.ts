import type {FastifyReply} from 'fastify'

/** Aborted when the client is gone before its answer was written. */
export function watchClient(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  const {raw} = reply
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort(new Error('the client went away'))
  })
  return controller.signal
}
