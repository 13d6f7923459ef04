import {definePlugin} from 'plugin-host/sdk'

export default definePlugin({
  actions: {
    async hello(call) {
      call.log.info('greeting', {name: call.input.name})
      return {output: {greeting: `Hello, ${call.input.name}`}}
    },
  },
})
