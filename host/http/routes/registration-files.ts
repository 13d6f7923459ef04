import {Type} from 'typebox'
import type {Registration as RegistrationType} from '../api.ts'
import {readTextBodies} from '../json-body.ts'
import type {App, Parts} from '../parts.ts'
import {answer, BODY, refer, refusals} from '../schemas/shape.ts'
import {compileValidator} from '../validate.ts'

const TYPES = ['application/x-pem-file', 'text/plain']
/** The host's own limit of a file in a configuration. */
const LIMITS = {bytes: 256 * 1024, timeoutMs: 30_000}

const Params = Type.Object({
  rid: Type.String({minLength: 1, description: 'Registration id'}),
  field: Type.String({minLength: 1, description: 'Name of a file field; `tls.ca` is the field `ca` of `tls`'}),
})
const Body = Type.Unsafe<string>({
  content: Object.fromEntries(TYPES.map(type => [type, {schema: {type: 'string', maxLength: LIMITS.bytes}}])),
})

/** Files of a configuration, a CA certificate for one, as they are. */
export function serveRegistrationFiles(app: App, {host, clock}: Parts): void {
  void app.register((scope: App, _options, done) => {
    readTextBodies(scope, TYPES, LIMITS, {clock})
    scope.put<{Params: {rid: string; field: string}; Body: string | undefined}>(
      '/v1/registrations/:rid/files/:field',
      {
        config: {access: 'admin'},
        bodyLimit: LIMITS.bytes,
        validatorCompiler: route => (route.httpPart === 'body' ? () => true : compileValidator(route)),
        schema: {
          operationId: 'putRegistrationFile',
          summary: 'Write a file into the configuration; an empty body takes it away',
          tags: ['registrations'],
          params: Params,
          body: Body,
          response: {
            200: answer('As it is now', refer<RegistrationType>('Registration')),
            ...refusals(
              'REGISTRATION_NOT_FOUND',
              'REGISTRATION_EXISTS',
              'CONFIG_INVALID',
              'HOST_STORE_FAILED',
              ...BODY,
            ),
          },
        },
      },
      request => host.putRegistrationFile(request.params.rid, request.params.field, request.body ?? ''),
    )
    done()
  })
}
