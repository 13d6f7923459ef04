import type {Json} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {KvTable} from '../store/kv.ts'
import type {Redactor} from './redact.ts'
import {isSealed} from './seal.ts'
import type {Secrets} from './secrets.ts'

interface SealedKvParts {
  secrets: Pick<Secrets, 'sealText' | 'openText'>
  redactorOf(plugin: string): Redactor
}

/** The plugins' values, encrypted: a plugin keeps there what it logged in with. Those of an older release are read as they are. */
export function createSealedKv(kv: KvTable, {secrets, redactorOf}: SealedKvParts): KvTable {
  const place = (plugin: string, key: string): string => `kv|${plugin}|${key}`
  return {
    ...kv,
    get(plugin, key) {
      const text = kv.readText(plugin, key)
      if (text === undefined) return null
      return JSON.parse(isSealed(text) ? secrets.openText(place(plugin, key), text) : text) as Json
    },
    async set(plugin, key, value) {
      // A key is kept in the clear.
      if (redactorOf(plugin).text(key) !== key) {
        throw new HostError('INPUT_INVALID', {reason: '/key holds a secret of the configuration'})
      }
      await kv.writeText(plugin, key, secrets.sealText(place(plugin, key), JSON.stringify(value)))
    },
  }
}
