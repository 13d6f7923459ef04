import {definePlugin} from 'plugin-host/sdk'
import type {Types} from './plugin.types.ts'

export default definePlugin<Types>({
  actions: {
    async hello(call) {
      call.log.info('greeting', {name: call.input.name})
      return {output: {greeting: `Hello, ${call.input.name}`}}
    },
  },
})
