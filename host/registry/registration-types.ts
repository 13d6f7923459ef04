import type {JsonObject} from '../../runtime/protocol.ts'
import type {Clock} from '../clock.ts'
import type {Manifest} from '../manifest.ts'
import type {Store} from '../store/open-store.ts'
import type {Registration, RegistrationSettings} from '../types.ts'
import type {Secrets} from './secrets.ts'

export interface RegistrationParts {
  store: Pick<Store, 'registrations' | 'previousConfigs' | 'mappings' | 'commitNow'>
  secrets: Secrets
  clock: Clock
  /** Of the plugin's active version, else of any installed one; undefined when it is not installed. The same object each time. */
  findManifest: (plugin: string) => Manifest | undefined
}

/** A registration without its configuration: all that a call needs. */
export type RegistrationHead = Pick<Registration, 'id' | 'plugin' | 'name' | 'enabled' | 'draft' | 'settings'>

export interface RegistrationChange {
  name?: string
  config?: JsonObject
  enabled?: boolean
  draft?: boolean
  notes?: string
  settings?: RegistrationSettings
}

/** The id is made from the name when left out. */
export type NewRegistration = RegistrationChange & {plugin: string; name: string; id?: string}
