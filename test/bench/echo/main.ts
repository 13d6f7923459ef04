import {definePlugin} from 'plugin-host/sdk'

export default definePlugin({actions: {echo: async call => ({output: call.input})}})
