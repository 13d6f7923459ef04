import {HOST_API_METHODS, METHODS} from '../runtime/protocol.ts'
import {HostError} from './errors.ts'
import type {Executor} from './execution/executor.ts'
import type {HostApi} from './execution/host-api.ts'
import {grantedPermissions} from './manifest.ts'
import type {Catalog} from './registry/catalog.ts'
import type {Redactor} from './registry/redact.ts'

/** Answers what plugins ask. Who asks is known from the pipe it came through, never from what it says. */
export function routePluginRequests({
  catalog,
  executor,
  hostApi,
  redactorOf,
}: {
  catalog: Catalog
  executor: Pick<Executor, 'stageRecords' | 'appendArtifact'>
  hostApi: HostApi
  redactorOf(plugin: string): Redactor
}) {
  return {
    async answer(plugin: string, method: string, params: unknown): Promise<unknown> {
      if (method === METHODS.records) return executor.stageRecords(plugin, params)
      if (method === METHODS.artifact) {
        refuseSecretName(params, redactorOf(plugin))
        return executor.appendArtifact(plugin, params)
      }
      const manifest = catalog.findActive(plugin)?.manifest
      if (!manifest || !HOST_API_METHODS.some(known => known === method)) {
        throw new HostError('HOST_API_FAILED', {method, reason: 'there is no such method'})
      }
      return hostApi.handle({id: plugin, permissions: grantedPermissions(manifest)}, method, params)
    },
  }
}

/** The bytes of a file are the plugin's own; its name and type are kept and shown by the host. */
function refuseSecretName(params: unknown, redactor: Redactor): void {
  const {name, type} = Object(params) as {name?: unknown; type?: unknown}
  for (const [field, value] of Object.entries({name, type})) {
    if (typeof value !== 'string' || redactor.text(value) === value) continue
    throw new HostError('INPUT_INVALID', {reason: `/${field} holds a secret of the configuration`})
  }
}
