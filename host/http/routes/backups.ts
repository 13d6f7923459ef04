import {open} from 'node:fs/promises'
import type {Readable} from 'node:stream'
import {Type} from 'typebox'
import {type BackupFile as BackupFileType, type BackupReport, type Host, HostError} from '../api.ts'
import type {App, Parts} from '../parts.ts'
import {answer, listOf, NoContent, refer, refusals} from '../schemas/shape.ts'

const Params = Type.Object({bid: Type.String({minLength: 1, description: 'Name of the backup'})})
const BackupFile = refer<BackupFileType>('BackupFile')
const tags = ['access']

export function serveBackups(app: App, {host}: Parts): void {
  serveMaking(app, host)
  serveKeeping(app, host)
}

function serveMaking(app: App, host: Host): void {
  app.post(
    '/v1/backups',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'createBackup',
        summary: 'Back up the data folder, but its key and its token, while the server serves',
        tags,
        response: {
          201: answer('Made; Location is the archive', refer<BackupReport>('BackupReport')),
          ...refusals('BACKUP_FAILED', 'AUDIT_FAILED'),
        },
      },
    },
    async (_request, reply) => {
      const made = await host.backup()
      return reply.code(201).header('location', `/v1/backups/${made.name}`).send(made)
    },
  )
  app.post(
    '/v1/keys/rotate',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'rotateKey',
        summary: 'Wrap every secret with a new key',
        tags,
        response: {
          200: answer('How many', Type.Object({rewrapped: Type.Integer()})),
          ...refusals('AUDIT_FAILED', 'HOST_STORE_FAILED'),
        },
      },
    },
    () => host.rotateKey(),
  )
}

function serveKeeping(app: App, host: Host): void {
  app.get(
    '/v1/backups',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'listBackups',
        summary: 'List the backups that are in the data folder',
        tags,
        response: {200: answer('All, the newest first', listOf(BackupFile)), ...refusals()},
      },
    },
    async () => ({items: await host.listBackups()}),
  )
  app.get(
    '/v1/backups/:bid',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'getBackup',
        summary: 'Download a backup',
        tags,
        params: Params,
        response: {
          200: {description: 'The archive', content: {'application/gzip': {schema: Type.Unsafe<Readable>({})}}},
          ...refusals('BACKUP_NOT_FOUND'),
        },
      },
    },
    async ({params}, reply) => {
      const {name, path, bytes} = await host.getBackup(params.bid)
      const file = await open(path).catch((cause: unknown) => {
        throw new HostError('BACKUP_NOT_FOUND', {name}, cause)
      })
      void reply.headers({
        'content-type': 'application/gzip',
        'content-length': bytes,
        'content-disposition': `attachment; filename="${name}"`,
      })
      return reply.send(file.createReadStream())
    },
  )
  app.delete(
    '/v1/backups/:bid',
    {
      config: {access: 'admin'},
      schema: {
        operationId: 'removeBackup',
        summary: 'Remove a backup from the data folder',
        tags,
        params: Params,
        response: {204: NoContent, ...refusals('BACKUP_NOT_FOUND', 'AUDIT_FAILED')},
      },
    },
    async (request, reply) => {
      await host.removeBackup(request.params.bid)
      return reply.code(204).send(null)
    },
  )
}
