import {Type} from 'typebox'
import type {AuditEntry, AuditReport} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {answer, listOf, refer, refusals, strict} from '../schemas/shape.ts'

const tags = ['access']
const MOST = 1000

const Filter = strict({
  who: Type.Optional(Type.String({description: 'Only what this token’s name did'})),
  action: Type.Optional(Type.String({description: 'Only this operation'})),
  target: Type.Optional(Type.String({description: 'Only what was done to this'})),
  before: Type.Optional(Type.Integer({minimum: 1, description: 'Only entries before this number'})),
  limit: Type.Optional(Type.Integer({minimum: 1, maximum: MOST, description: 'The newest; 100 when left out'})),
})

const Noted = strict({
  head: Type.Optional(
    Type.String({pattern: '^[0-9a-f]{64}$', description: 'A hash noted earlier, which must still be in the log'}),
  ),
})

export function serveAudit(app: App, {host}: Parts): void {
  app.get(
    '/v1/audit',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'listAudit',
        summary: 'The log of administrative changes, newest first',
        tags,
        querystring: Filter,
        response: {200: answer('Those that fit', listOf(refer<AuditEntry>('AuditEntry'))), ...refusals()},
      },
    },
    request => ({items: host.listAudit(request.query)}),
  )
  app.get(
    '/v1/audit/verify',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'verifyAudit',
        summary: 'Follow the chain of the audit log from its first entry',
        tags,
        querystring: Noted,
        response: {200: answer('Whether it is whole', refer<AuditReport>('AuditReport')), ...refusals()},
      },
    },
    request => host.verifyAudit(request.query),
  )
}
