import {HOST_API_METHODS, METHODS} from '../runtime/protocol.ts'
import {HostError} from './errors.ts'
import type {Executor} from './execution/executor.ts'
import type {HostApi} from './execution/host-api.ts'
import {grantedPermissions} from './manifest.ts'
import type {Catalog} from './registry/catalog.ts'

/** Answers what plugins ask. Who asks is known from the pipe it came through, never from what it says. */
export function routePluginRequests({
  catalog,
  executor,
  hostApi,
}: {
  catalog: Catalog
  executor: Executor
  hostApi: HostApi
}) {
  return {
    async answer(plugin: string, method: string, params: unknown): Promise<unknown> {
      if (method === METHODS.records) return executor.stageRecords(plugin, params)
      if (method === METHODS.artifact) return executor.appendArtifact(plugin, params)
      const manifest = catalog.findActive(plugin)?.manifest
      if (!manifest || !HOST_API_METHODS.some(known => known === method)) {
        throw new HostError('HOST_API_FAILED', {method, reason: 'there is no such method'})
      }
      return hostApi.handle({id: plugin, permissions: grantedPermissions(manifest)}, method, params)
    },
  }
}
