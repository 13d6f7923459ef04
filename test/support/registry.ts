import {join} from 'node:path'
import type {Manifest} from '../../host/manifest.ts'
import {Registrations} from '../../host/registry/registrations.ts'
import {openSecrets} from '../../host/registry/secrets.ts'
import type {JsonObject} from '../../runtime/protocol.ts'
import {echoManifest} from './echo-manifest.ts'
import {type StoreTest, withStore} from './store.ts'

export interface RegistryTest extends StoreTest {
  registrations: Registrations
  /** By plugin id; may be changed by the test. */
  manifests: Map<string, Manifest>
  /** A second registry over the same store, as after a restart. */
  reopen(): Registrations
}

/** A manifest with a configuration of this schema. */
export function describePlugin(id: string, schema?: JsonObject, uniqueId?: string[]): Manifest {
  return {...echoManifest, id, ...(schema && {config: {schema, ...(uniqueId && {uniqueId})}})}
}

export function withRegistry<T>(plugins: Manifest[], run: (test: RegistryTest) => Promise<T> | T): Promise<T> {
  return withStore(test => {
    const manifests = new Map(plugins.map(manifest => [manifest.id, manifest]))
    for (const id of manifests.keys())
      test.store.plugins.save({id, activeVersion: '1.0.0', enabled: true, consent: null})
    const open = (): Registrations => {
      const secrets = openSecrets(join(test.folder, 'secret.key'), test.store)
      return new Registrations({...test, secrets, findManifest: id => manifests.get(id)})
    }
    return run({...test, registrations: open(), manifests, reopen: open})
  })
}
