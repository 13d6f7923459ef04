import {Type} from 'typebox'
import type {Host, RuleRun as RuleRunType, RuleTest} from '../api.ts'
import type {App} from '../parts.ts'
import {RuleTestRequest, ScenarioRequest} from '../schemas/rule.ts'
import {answer, BODY, listOf, refer, refusals, strict} from '../schemas/shape.ts'

const Params = Type.Object({id: Type.String({minLength: 1, description: 'Rule id'})})
const RuleRun = refer<RuleRunType>('RuleRun')
const tags = ['rules']

/** What a rule would do, does, and has done. */
export function serveRuleRuns(app: App, host: Host): void {
  app.post(
    '/v1/rules/:id/test',
    {
      config: {access: 'map', audit: false},
      schema: {
        operationId: 'testRule',
        summary: 'Tell what the rule would do with an event, and why; nothing is executed',
        tags,
        params: Params,
        body: RuleTestRequest,
        response: {
          200: answer('What it would do', refer<RuleTest>('RuleTest')),
          ...refusals('RULE_NOT_FOUND', 'EVENT_NOT_FOUND', 'EVENT_INVALID', 'MAIN_SERVER_UNAVAILABLE', ...BODY),
        },
      },
    },
    request => host.testRule(request.params.id, request.body.event),
  )
  app.post(
    '/v1/rules/:id/run',
    {
      config: {access: 'operate'},
      schema: {
        operationId: 'runScenario',
        summary: 'Run a scenario for one record; answered when it has ended, or after a while as it is then',
        tags,
        params: Params,
        body: ScenarioRequest,
        response: {
          200: answer('Its run', RuleRun),
          ...refusals(
            'RULE_NOT_FOUND',
            'RULE_REFUSED',
            'RECORD_NOT_FOUND',
            'QUEUE_FULL',
            'MAIN_SERVER_UNAVAILABLE',
            ...BODY,
          ),
        },
      },
    },
    request => host.runScenario(request.params.id, request.body.record, request.principal?.name ?? 'http'),
  )
  app.get(
    '/v1/rules/:id/runs',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listRuleRuns',
        summary: 'List the runs of a rule, the newest first; also of one that was removed',
        tags,
        params: Params,
        querystring: strict({
          limit: Type.Optional(Type.Integer({minimum: 1, maximum: 1000, description: 'How many; 100 when left out'})),
        }),
        response: {200: answer('The newest', listOf(RuleRun)), ...refusals()},
      },
    },
    request => ({items: host.listRuleRuns({...request.query, rule: request.params.id})}),
  )
  app.get(
    '/v1/rule-runs/:id',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'getRuleRun',
        summary: 'One run: its steps and what each came to',
        tags,
        params: Type.Object({id: Type.String({minLength: 1, description: 'Rule run id'})}),
        response: {200: answer('The run', RuleRun), ...refusals('RULE_RUN_NOT_FOUND')},
      },
    },
    request => host.getRuleRun(request.params.id),
  )
}
