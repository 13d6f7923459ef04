import {open} from 'node:fs/promises'
import type {Readable} from 'node:stream'
import {Type} from 'typebox'
import {type Host, HostError} from '../api.ts'
import type {App} from '../parts.ts'
import {Artifact} from '../schemas/execution.ts'
import {ExecutionParams} from '../schemas/history.ts'
import {answer, listOf, refusals} from '../schemas/shape.ts'

const FALLBACK_TYPE = 'application/octet-stream'

/** Artifacts are a plugin's, so untrusted: always a download, never a page of this origin. */
export function serveArtifacts(app: App, host: Host): void {
  app.get(
    '/v1/executions/:eid/artifacts',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'listArtifacts',
        summary: 'List the files that an execution made',
        tags: ['executions'],
        params: ExecutionParams,
        response: {
          200: answer('Name, media type and size in bytes', listOf(Artifact)),
          ...refusals('EXECUTION_NOT_FOUND'),
        },
      },
    },
    ({params}) => ({items: host.getExecution(params.eid).artifacts}),
  )
  app.get(
    '/v1/executions/:eid/artifacts/:name',
    {
      config: {access: 'read'},
      schema: {
        operationId: 'getArtifact',
        summary: 'Download a file that an execution made',
        tags: ['executions'],
        params: Type.Object({
          eid: Type.String({minLength: 1, description: 'Execution id'}),
          name: Type.String({minLength: 1, description: 'Name of the file'}),
        }),
        response: {
          200: {
            description: 'The file, in the media type its plugin gave',
            content: {'*/*': {schema: Type.Unsafe<Readable>({})}},
          },
          ...refusals('EXECUTION_NOT_FOUND', 'ARTIFACT_NOT_FOUND'),
        },
      },
    },
    async ({params}, reply) => {
      const {path, type} = host.getArtifact(params.eid, params.name)
      const {stream, bytes} = await openFile(path, params.name)
      void reply.headers({
        'content-type': isMediaType(type) ? type : FALLBACK_TYPE,
        'content-length': bytes,
        'content-disposition': describeDownload(params.name),
        'content-security-policy': "default-src 'none'; sandbox",
      })
      return reply.send(stream)
    },
  )
}

async function openFile(path: string, name: string): Promise<{stream: Readable; bytes: number}> {
  try {
    const file = await open(path)
    const {size} = await file.stat()
    // No further than the length that was promised, should the file still grow.
    return {stream: file.createReadStream({end: Math.max(size - 1, 0)}), bytes: size}
  } catch (cause) {
    throw new HostError('ARTIFACT_NOT_FOUND', {name}, cause)
  }
}

/** Type, subtype and plain parameters: nothing that could end the header. */
export function isMediaType(type: string): boolean {
  return /^[\w!#$&^.+-]{1,64}\/[\w!#$&^.+-]{1,64}(?:; ?[\w-]{1,32}=[\w.+-]{1,64}){0,3}$/.test(type)
}

/** RFC 6266: a plain name for all, the true one for those that read `filename*`. */
export function describeDownload(name: string): string {
  const plain = name.replaceAll(/[^\w.-]/g, '_')
  const exact = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`
}
