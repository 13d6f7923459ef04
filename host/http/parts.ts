import type {TypeBoxTypeProvider} from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type {Clock, Host} from './api.ts'

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** What every folder of routes is handed. */
export interface Parts {
  host: Host
  clock: Clock
  /** Aborted when the server closes: ends streams that would never end by themselves. */
  closing: AbortSignal
}
