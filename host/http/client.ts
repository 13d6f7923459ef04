import type {FastifyReply} from 'fastify'
import {CallController, type CallSignal} from './api.ts'

/** Aborted when the client is gone before its answer was written. */
export function watchClient({raw}: FastifyReply): CallSignal {
  const controller = new CallController()
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort(new Error('the client went away'))
  })
  return controller.signal
}

/** Aborted when the answer is over, in whatever way: a HEAD request ends a stream before it has begun. */
export function watchAnswer({raw}: FastifyReply): AbortSignal {
  const controller = new AbortController()
  raw.once('close', () => controller.abort(new Error('the answer is over')))
  return controller.signal
}
