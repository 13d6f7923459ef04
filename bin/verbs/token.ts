import {findDataFolder, readToken} from '../find-server.ts'
import type {Verb} from '../verb.ts'

/** `token` */
export const token: Verb<[], {data?: string}> = {
  declare: command =>
    command.option('--data <folder>', 'data folder of the local server (default: PLUGIN_HOST_DATA, else ./data)'),

  async run({options}) {
    const value = await readToken(findDataFolder(options.data))
    return {data: {token: value}, text: value}
  },
}
