import {Type} from 'typebox'
import type {ErrorCode, Host, Rule as RuleType} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {RuleChange, RuleCreate} from '../schemas/rule.ts'
import {answer, BODY, listOf, NoContent, refer, refusals, strict} from '../schemas/shape.ts'
import {serveRuleRuns} from './rule-runs.ts'

const Params = Type.Object({id: Type.String({minLength: 1, description: 'Rule id'})})
const Rule = refer<RuleType>('Rule')
const tags = ['rules']
const CHANGE: ErrorCode[] = ['RULE_INVALID', 'MAIN_SERVER_UNAVAILABLE', 'HOST_STORE_FAILED']

export function serveRules(app: App, {host}: Parts): void {
  serveLookups(app, host)
  serveCreations(app, host)
  serveChanges(app, host)
  serveRuleRuns(app, host)
}

function serveLookups(app: App, host: Host): void {
  app.get(
    '/v1/rules',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listRules',
        summary: 'List the rules in their order, and what keeps each from working',
        tags,
        querystring: strict({}),
        response: {200: answer('All of them', listOf(Rule)), ...refusals()},
      },
    },
    async () => ({items: await host.listRules()}),
  )
  app.get(
    '/v1/rules/:id',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'getRule',
        summary: 'One rule',
        tags,
        params: Params,
        response: {200: answer('The rule', Rule), ...refusals('RULE_NOT_FOUND')},
      },
    },
    request => host.getRule(request.params.id),
  )
}

function serveCreations(app: App, host: Host): void {
  app.post(
    '/v1/rules',
    {
      config: {access: 'map'},
      schema: {
        operationId: 'createRule',
        summary: 'Create a rule, the last in the order; one with problems only with enabled false',
        tags,
        body: RuleCreate,
        response: {
          201: answer('Created; Location is the rule', Rule),
          ...refusals('RULE_EXISTS', ...CHANGE, ...BODY),
        },
      },
    },
    async (request, reply) => {
      const made = await host.createRule(request.body)
      return reply.code(201).header('location', locate(made)).send(made)
    },
  )
  app.post(
    '/v1/rules/:id/duplicate',
    {
      config: {access: 'map'},
      schema: {
        operationId: 'duplicateRule',
        summary: 'Create a disabled copy right behind it',
        tags,
        params: Params,
        response: {
          201: answer('Created; Location is the copy', Rule),
          ...refusals('RULE_NOT_FOUND', 'REQUEST_MEDIA_TYPE', ...CHANGE),
        },
      },
    },
    async (request, reply) => {
      const made = await host.duplicateRule(request.params.id)
      return reply.code(201).header('location', locate(made)).send(made)
    },
  )
}

function serveChanges(app: App, host: Host): void {
  app.patch(
    '/v1/rules/:id',
    {
      config: {access: 'map'},
      schema: {
        operationId: 'updateRule',
        summary: 'Change a rule, switch it, or move it; runs that have begun go on as they were',
        tags,
        params: Params,
        body: RuleChange,
        response: {200: answer('As it is now', Rule), ...refusals('RULE_NOT_FOUND', ...CHANGE, ...BODY)},
      },
    },
    request => host.updateRule(request.params.id, request.body),
  )
  app.delete(
    '/v1/rules/:id',
    {
      config: {access: 'map'},
      schema: {
        operationId: 'removeRule',
        summary: 'Remove a rule; its runs stay in the history',
        tags,
        params: Params,
        response: {204: NoContent, ...refusals('RULE_NOT_FOUND', 'HOST_STORE_FAILED')},
      },
    },
    async (request, reply) => {
      await host.removeRule(request.params.id)
      return reply.code(204).send(null)
    },
  )
}

function locate({id}: RuleType): string {
  return `/v1/rules/${encodeURIComponent(id)}`
}
