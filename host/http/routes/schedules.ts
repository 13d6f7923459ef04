import {Type} from 'typebox'
import type {ErrorCode, Host, Schedule as ScheduleType} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {PreviewRequest, ScheduleChange, ScheduleCreate} from '../schemas/schedule.ts'
import {answer, BODY, listOf, NoContent, refer, refusals, strict} from '../schemas/shape.ts'

const Params = Type.Object({id: Type.String({minLength: 1, description: 'Schedule id'})})
const Schedule = refer<ScheduleType>('Schedule')
const tags = ['schedules']
const CALL: ErrorCode[] = ['REGISTRATION_NOT_FOUND', 'PLUGIN_NOT_FOUND', 'ACTION_NOT_FOUND', 'INPUT_INVALID']
const CHANGE: ErrorCode[] = ['SCHEDULE_INVALID', ...CALL, 'HOST_STORE_FAILED']

export function serveSchedules(app: App, {host}: Parts): void {
  serveLookups(app, host)
  serveChanges(app, host)
  serveRuns(app, host)
}

function serveLookups(app: App, host: Host): void {
  app.get(
    '/v1/schedules',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listSchedules',
        summary: 'List the schedules with their next and last run',
        tags,
        querystring: strict({}),
        response: {200: answer('All of them', listOf(Schedule)), ...refusals()},
      },
    },
    () => ({items: host.listSchedules()}),
  )
  app.get(
    '/v1/schedules/:id',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'getSchedule',
        summary: 'One schedule',
        tags,
        params: Params,
        response: {200: answer('The schedule', Schedule), ...refusals('SCHEDULE_NOT_FOUND')},
      },
    },
    request => host.getSchedule(request.params.id),
  )
}

function serveChanges(app: App, host: Host): void {
  app.post(
    '/v1/schedules',
    {
      config: {access: 'map'},
      schema: {
        operationId: 'createSchedule',
        summary: 'Execute an action at its times',
        tags,
        body: ScheduleCreate,
        response: {
          201: answer('Created; Location is the schedule', Schedule),
          ...refusals('SCHEDULE_EXISTS', ...CHANGE, ...BODY),
        },
      },
    },
    async (request, reply) => {
      const made = await host.createSchedule(request.body)
      return reply
        .code(201)
        .header('location', `/v1/schedules/${encodeURIComponent(made.id)}`)
        .send(made)
    },
  )
  app.patch(
    '/v1/schedules/:id',
    {
      config: {access: 'map'},
      schema: {
        operationId: 'updateSchedule',
        summary: 'Change a schedule, or switch it; its next run is planned anew when its times change',
        tags,
        params: Params,
        body: ScheduleChange,
        response: {200: answer('As it is now', Schedule), ...refusals('SCHEDULE_NOT_FOUND', ...CHANGE, ...BODY)},
      },
    },
    request => host.updateSchedule(request.params.id, request.body),
  )
  app.delete(
    '/v1/schedules/:id',
    {
      config: {access: 'map'},
      schema: {
        operationId: 'removeSchedule',
        summary: 'Remove a schedule; an execution that has begun goes on',
        tags,
        params: Params,
        response: {204: NoContent, ...refusals('SCHEDULE_NOT_FOUND', 'HOST_STORE_FAILED')},
      },
    },
    async (request, reply) => {
      await host.removeSchedule(request.params.id)
      return reply.code(204).send(null)
    },
  )
}

function serveRuns(app: App, host: Host): void {
  app.post(
    '/v1/schedules/:id/run',
    {
      config: {access: 'operate'},
      schema: {
        operationId: 'runSchedule',
        summary: 'Run it now, besides its times; answered when the execution is accepted',
        tags,
        params: Params,
        response: {
          200: answer('As it is now', Schedule),
          ...refusals(
            'SCHEDULE_NOT_FOUND',
            'SCHEDULE_REFUSED',
            'REGISTRATION_DISABLED',
            'CONFIG_INVALID',
            'QUEUE_FULL',
            ...CALL,
            'HOST_STORE_FAILED',
            'REQUEST_MEDIA_TYPE',
          ),
        },
      },
    },
    request => host.runSchedule(request.params.id, request.principal?.name ?? 'http'),
  )
  app.post(
    '/v1/schedules/preview',
    {
      config: {access: 'map', audit: false},
      schema: {
        operationId: 'previewSchedule',
        summary: 'Tell the next times of a cron, also across changes of the clocks',
        tags,
        body: PreviewRequest,
        response: {
          200: answer('In order', refer<{times: number[]}>('SchedulePreview')),
          ...refusals('SCHEDULE_INVALID', ...BODY),
        },
      },
    },
    request => host.previewSchedule(request.body),
  )
}
