import {Type} from 'typebox'
import type {Attachment, ErrorCode, Host, Note} from '../api.ts'
import type {App} from '../parts.ts'
import {NoteCreate} from '../schemas/record.ts'
import {answer, BODY, listOf, refer, refusals} from '../schemas/shape.ts'

const Params = Type.Object({id: Type.String({minLength: 1, description: 'Request id'})})
const tags = ['records']
const REFUSALS: ErrorCode[] = [
  'RECORD_NOT_FOUND',
  'MAIN_SERVER_UNAVAILABLE',
  'MAIN_SERVER_REFUSED',
  'HOST_STORE_FAILED',
]

/** What belongs to a request besides its fields. */
export function serveNotes(app: App, host: Host): void {
  app.get(
    '/v1/requests/:id/notes',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listNotes',
        summary: 'The notes of a request, the oldest first',
        tags,
        params: Params,
        response: {200: answer('All of them', listOf(refer<Note>('Note'))), ...refusals(...REFUSALS)},
      },
    },
    async request => ({items: await host.listNotes(request.params.id)}),
  )
  app.post(
    '/v1/requests/:id/notes',
    {
      config: {access: 'operate'},
      schema: {
        operationId: 'addNote',
        summary: 'Add a note to a request',
        tags,
        params: Params,
        body: NoteCreate,
        response: {201: answer('Added', refer<Note>('Note')), ...refusals(...REFUSALS, ...BODY)},
      },
    },
    async (request, reply) => {
      const {params, body, principal} = request
      return reply.code(201).send(await host.addNote(params.id, body, principal?.name ?? 'http'))
    },
  )
  app.get(
    '/v1/requests/:id/attachments',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listAttachments',
        summary: 'The attachments of a request, the oldest first',
        tags,
        params: Params,
        response: {200: answer('All of them', listOf(refer<Attachment>('Attachment'))), ...refusals(...REFUSALS)},
      },
    },
    async request => ({items: await host.listAttachments(request.params.id)}),
  )
}
