import {Type} from 'typebox'
import type {Host, NewToken as NewTokenType, TokenInfo} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {TokenCreate, TokenRotation} from '../schemas/access.ts'
import {answer, BODY, listOf, NoContent, refer, refusals} from '../schemas/shape.ts'

const Params = Type.Object({tid: Type.String({minLength: 1, description: 'Token id'})})
const NewToken = refer<NewTokenType>('NewToken')
const tags = ['access']

export function serveTokens(app: App, {host}: Parts): void {
  serveLife(app, host)
  app.get(
    '/v1/tokens',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'listTokens',
        summary: 'List the tokens, without their secrets',
        tags,
        response: {200: answer('All, the oldest first', listOf(refer<TokenInfo>('TokenInfo'))), ...refusals()},
      },
    },
    () => ({items: host.listTokens()}),
  )
}

function serveLife(app: App, host: Host): void {
  app.post(
    '/v1/tokens',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'createToken',
        summary: 'Make a token; its text is in this answer and nowhere else',
        tags,
        body: TokenCreate,
        response: {
          201: answer('Created; Location is the token', NewToken),
          ...refusals('TOKEN_INVALID', 'AUDIT_FAILED', 'HOST_STORE_FAILED', ...BODY),
        },
      },
    },
    async (request, reply) => {
      const made = await host.createToken(request.body)
      return reply.code(201).header('location', `/v1/tokens/${made.id}`).send(made)
    },
  )
  app.post(
    '/v1/tokens/:tid/rotate',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'rotateToken',
        summary: 'Make its successor; the old one goes on working for a while',
        tags,
        params: Params,
        body: TokenRotation,
        response: {
          201: answer('Created; Location is the new token', NewToken),
          ...refusals('TOKEN_NOT_FOUND', 'TOKEN_INVALID', 'AUDIT_FAILED', 'HOST_STORE_FAILED', ...BODY),
        },
      },
    },
    async ({params, body}, reply) => {
      const made = await host.rotateToken(params.tid, body)
      return reply.code(201).header('location', `/v1/tokens/${made.id}`).send(made)
    },
  )
  app.delete(
    '/v1/tokens/:tid',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'removeToken',
        summary: 'Remove a token; it stops working at once',
        tags,
        params: Params,
        response: {
          204: NoContent,
          ...refusals('TOKEN_NOT_FOUND', 'TOKEN_NEEDED', 'AUDIT_FAILED', 'HOST_STORE_FAILED'),
        },
      },
    },
    async (request, reply) => {
      await host.removeToken(request.params.tid)
      return reply.code(204).send(null)
    },
  )
}
