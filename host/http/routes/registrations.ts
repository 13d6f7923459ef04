import {Type} from 'typebox'
import type {Host, Registration as RegistrationType} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {RegistrationChange, RegistrationCreate} from '../schemas/registration.ts'
import {answer, BODY, listOf, NoContent, refer, refusals, strict} from '../schemas/shape.ts'
import {serveQuestions} from './registration-questions.ts'

const Params = Type.Object({rid: Type.String({minLength: 1, description: 'Registration id'})})
const Registration = refer<RegistrationType>('Registration')
const tags = ['registrations']

export function serveRegistrations(app: App, {host}: Parts): void {
  serveLookups(app, host)
  serveChanges(app, host)
  serveQuestions(app, host)
}

function serveLookups(app: App, host: Host): void {
  app.get(
    '/v1/registrations',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listRegistrations',
        summary: 'List the registrations; their secrets are masked',
        tags,
        querystring: strict({plugin: Type.Optional(Type.String({description: 'Only those of this plugin'}))}),
        response: {200: answer('All that fit', listOf(Registration)), ...refusals()},
      },
    },
    request => ({items: host.listRegistrations(request.query)}),
  )
  app.get(
    '/v1/registrations/:rid',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'getRegistration',
        summary: 'One registration; its secrets are masked',
        tags,
        params: Params,
        response: {200: answer('The registration', Registration), ...refusals('REGISTRATION_NOT_FOUND')},
      },
    },
    request => host.getRegistration(request.params.rid),
  )
}

function serveChanges(app: App, host: Host): void {
  app.post(
    '/v1/registrations',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'createRegistration',
        summary: 'Make a plugin usable: a name and its configuration',
        tags,
        body: RegistrationCreate,
        response: {
          201: answer('Created; Location is the registration', Registration),
          ...refusals('PLUGIN_NOT_FOUND', 'REGISTRATION_EXISTS', 'CONFIG_INVALID', 'HOST_STORE_FAILED', ...BODY),
        },
      },
    },
    async (request, reply) => {
      const made = await host.createRegistration(request.body)
      return reply
        .code(201)
        .header('location', `/v1/registrations/${encodeURIComponent(made.id)}`)
        .send(made)
    },
  )
  app.patch(
    '/v1/registrations/:rid',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'updateRegistration',
        summary: 'Change name, notes, configuration, settings or whether it is enabled; a masked secret stays as it is',
        tags,
        params: Params,
        body: RegistrationChange,
        response: {
          200: answer('As it is now', Registration),
          ...refusals('REGISTRATION_NOT_FOUND', 'REGISTRATION_EXISTS', 'CONFIG_INVALID', 'HOST_STORE_FAILED', ...BODY),
        },
      },
    },
    request => host.updateRegistration(request.params.rid, request.body),
  )
  app.delete(
    '/v1/registrations/:rid',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'removeRegistration',
        summary: 'Remove a registration with its configuration',
        tags,
        params: Params,
        response: {204: NoContent, ...refusals('REGISTRATION_NOT_FOUND', 'HOST_STORE_FAILED')},
      },
    },
    async (request, reply) => {
      await host.removeRegistration(request.params.rid)
      return reply.code(204).send(null)
    },
  )
}
