import {Type} from 'typebox'
import type {ErrorCode, Host, TestReport} from '../api.ts'
import {watchClient} from '../client.ts'
import type {App} from '../parts.ts'
import {OptionsRequest, TestRequest} from '../schemas/registration.ts'
import {answer, BODY, refer, refusals} from '../schemas/shape.ts'

const Params = Type.Object({rid: Type.String({minLength: 1, description: 'Registration id'})})
const tags = ['registrations']

/** What can keep a plugin from being asked at all. */
const ASKING: ErrorCode[] = [
  'REGISTRATION_NOT_FOUND',
  'REGISTRATION_DISABLED',
  'PLUGIN_NOT_RUNNING',
  'PLUGIN_DISABLED',
  'PLUGIN_PARKED',
  'PLUGIN_BUSY',
  'PLUGIN_UNSUPPORTED',
  'PLUGIN_CRASHED',
  'OUTPUT_INVALID',
  'EXECUTION_TIMED_OUT',
  ...BODY,
]

/** What a registration's plugin is asked while somebody fills in its form. */
export function serveQuestions(app: App, host: Host): void {
  app.post(
    '/v1/registrations/:rid/test',
    {
      config: {access: 'admin', audit: false},
      schema: {
        operationId: 'testRegistration',
        summary: 'Test the connection, with the stored configuration or the one given',
        tags,
        params: Params,
        body: TestRequest,
        response: {
          200: answer('What the test came to', refer<TestReport>('TestReport')),
          ...refusals(...ASKING, 'CONFIG_INVALID'),
        },
      },
    },
    (request, reply) => host.testRegistration(request.params.rid, {...request.body, signal: watchClient(reply)}),
  )
  app.post(
    '/v1/registrations/:rid/options/:field',
    {
      config: {access: 'admin', audit: false},
      schema: {
        operationId: 'listOptions',
        summary: 'Choices for a field of the configuration or the input',
        tags,
        params: Type.Object({
          ...Params.properties,
          field: Type.String({minLength: 1, description: 'Name of the field'}),
        }),
        body: OptionsRequest,
        response: {
          200: answer('Choices', refer<OptionsList>('Options')),
          ...refusals(...ASKING, 'CONFIG_INVALID', 'OPTIONS_FAILED'),
        },
      },
    },
    request => host.listOptions(request.params.rid, request.params.field, request.body),
  )
}

type OptionsList = Awaited<ReturnType<Host['listOptions']>>
