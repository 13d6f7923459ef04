import {Type} from 'typebox'
import type {EventResult, StoredEvent} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {EventBody, EventQuery} from '../schemas/event.ts'
import {answer, BODY, listOf, refer, refusals} from '../schemas/shape.ts'

const Params = Type.Object({id: Type.String({minLength: 1, description: 'Event id'})})
const tags = ['events']

export function serveEvents(app: App, {host}: Parts): void {
  app.post(
    '/v1/events',
    {
      config: {access: 'execute'},
      schema: {
        operationId: 'sendEvent',
        summary: 'Tell the rules what happened; the answer comes when what they start is accepted',
        tags,
        body: EventBody,
        response: {
          200: answer('What it started', refer<EventResult>('EventResult')),
          ...refusals('EVENT_INVALID', 'QUEUE_FULL', 'MAIN_SERVER_UNAVAILABLE', 'HOST_STORE_FAILED', ...BODY),
        },
      },
    },
    request => host.handleEvent(request.body, request.principal?.name ?? 'http'),
  )
  app.get(
    '/v1/events',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listEvents',
        summary: 'List the events, the newest first',
        tags,
        querystring: EventQuery,
        response: {200: answer('Those that fit', listOf(refer<StoredEvent>('StoredEvent'))), ...refusals()},
      },
    },
    request => ({items: host.listEvents(request.query)}),
  )
  app.get(
    '/v1/events/:id',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'getEvent',
        summary: 'One event and the runs of rules it started',
        tags,
        params: Params,
        response: {200: answer('The event', refer<StoredEvent>('StoredEvent')), ...refusals('EVENT_NOT_FOUND')},
      },
    },
    request => host.getEvent(request.params.id),
  )
}
