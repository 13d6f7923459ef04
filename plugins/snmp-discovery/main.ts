import {definePlugin} from 'plugin-host/sdk'
import {discover} from './discover.ts'
import {getValues} from './get-values.ts'
import type {Types} from './plugin.types.ts'
import {testConnection} from './test-connection.ts'

export default definePlugin<Types>({
  actions: {discover, get: getValues},
  test: testConnection,
  options: {
    credentials: ({config, search}) =>
      config.credentials
        .filter(({name}) => name.toLowerCase().includes(search.toLowerCase()))
        .map(({name, version}) => ({value: name, label: `${name} (SNMP v${version})`})),
  },
})
