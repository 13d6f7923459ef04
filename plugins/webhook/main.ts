import {definePlugin} from 'plugin-host/sdk'
import type {Types} from './plugin.types.ts'

// Loaded when first needed: HTTP, TLS and XML would more than double the start of the process.
const loadActions = () => import('./call/run-actions.ts')

export default definePlugin<Types>({
  async configure(config, registration) {
    if (config === null) (await import('./call/sessions.ts')).dropSession(registration)
  },
  actions: {
    send: async call => (await loadActions()).runSend(call),
    fetch: async call => (await loadActions()).runFetch(call),
  },
  test: async call => (await import('./call/test-connection.ts')).testConnection(call),
})
