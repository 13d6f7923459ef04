import type {Readable} from 'node:stream'
import multipart from '@fastify/multipart'
import type {FastifyRequest} from 'fastify'
import {Type} from 'typebox'
import {HostError, type InstallResult} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {answer, refer, refusals, strict} from '../schemas/shape.ts'
import {compileValidator} from '../validate.ts'

const RAW_TYPES = ['application/zip', 'application/gzip', 'application/octet-stream']
const FIELD = 'bundle'

const Body = Type.Unsafe<unknown>({
  content: {
    ...Object.fromEntries(RAW_TYPES.map(type => [type, {schema: {description: 'The bytes of a .fp or .tgz'}}])),
    'multipart/form-data': {
      schema: {
        type: 'object',
        required: [FIELD],
        properties: {[FIELD]: {type: 'string', contentMediaType: RAW_TYPES[0]}},
      },
    },
  },
})

const schema = {
  operationId: 'installBundle',
  summary: 'Install a bundle, and make it the active version',
  tags: ['bundles'],
  querystring: strict({
    activate: Type.Optional(Type.Boolean({description: 'false stages it: installed, but not run'})),
    consent: Type.Optional(Type.Boolean({description: 'Agrees to permissions that grow'})),
    force: Type.Optional(Type.Boolean({description: 'Goes on whatever it breaks'})),
  }),
  body: Body,
  response: {
    200: answer('Installed already, byte for byte', refer<InstallResult>('InstallResult')),
    201: answer('Installed; Location is the plugin', refer<InstallResult>('InstallResult')),
    ...refusals(
      'REQUEST_TIMEOUT',
      'REQUEST_MEDIA_TYPE',
      'BUNDLE_UNREADABLE',
      'BUNDLE_TOO_LARGE',
      'MANIFEST_INVALID',
      'PLUGIN_EXISTS',
      'PLUGIN_SWAP_FAILED',
      'PLUGIN_START_FAILED',
      'PLUGIN_PROTOCOL_MISMATCH',
      'CONSENT_NEEDED',
      'UPGRADE_BREAKS',
      'HOST_STORE_FAILED',
    ),
  },
}

/** In a context of its own, as nothing else takes files. A bundle is never held in memory: its bytes go on as they come. */
export function serveBundles(app: App, {host}: Parts): void {
  void app.register((scope, _options, done) => {
    scope.removeContentTypeParser('application/json')
    scope.addContentTypeParser(RAW_TYPES, (_request, payload, done) => done(null, payload))
    // The host counts the bytes; one place decides what is too large.
    const limits = {files: 1, fields: 4, parts: 5, fieldSize: 1024, headerPairs: 32, fileSize: Number.POSITIVE_INFINITY}
    void scope.register(multipart, {limits, throwFileSizeLimit: false})
    scope.post<{Querystring: {activate?: boolean; consent?: boolean; force?: boolean}}>(
      '/v1/bundles',
      {config: {access: 'admin'}, schema, validatorCompiler: validateAllButBody},
      async (request, reply) => {
        const stream = await openUpload(request)
        try {
          const result = await host.installBundle(readBytes(stream), {...request.query, ...by(request)})
          return reply
            .code(result.created ? 201 : 200)
            .header('location', `/v1/plugins/${encodeURIComponent(result.id)}`)
            .send(result)
        } finally {
          stream.resume()
        }
      },
    )
    done()
  })
}

const validateAllButBody: typeof compileValidator = route =>
  route.httpPart === 'body' ? () => true : compileValidator(route)

function by({principal}: FastifyRequest): {by?: string} {
  return principal ? {by: principal.name} : {}
}

async function openUpload(request: FastifyRequest): Promise<Readable> {
  if (!request.isMultipart()) {
    if (request.body) return request.body as Readable
    throw new HostError('REQUEST_INVALID', {reason: 'its body, the bytes of a bundle, is missing'})
  }
  const part = await request.file().catch(refuseForm)
  if (part?.fieldname === FIELD) return part.file
  part?.file.resume()
  throw new HostError('REQUEST_INVALID', {reason: `its multipart field "${FIELD}" with a file is missing`})
}

/** Limits are the plugin's own errors; whatever else its parser stumbles over is the sender's fault. */
function refuseForm(cause: Error & {code?: string}): never {
  if (cause.code?.startsWith('FST_')) throw cause
  throw new HostError('REQUEST_INVALID', {reason: `its multipart form is broken: ${cause.message}`}, cause)
}

/** A host that stops reading early must not destroy the stream: its rest is read and dropped while the answer is written. */
async function* readBytes(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* stream.iterator({destroyOnReturn: false})
  } catch (cause) {
    throw new HostError('REQUEST_INVALID', {reason: 'the upload ended early'}, cause)
  }
}
