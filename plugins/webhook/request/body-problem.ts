import {PluginError} from 'plugin-host/sdk'

/** The error for a body that cannot be sent. */
export function refuseBody(reason: string, hint: string, cause?: unknown): PluginError {
  return new PluginError(`Cannot send the body: ${reason}`, {category: 'input', field: '/input/body', hint, cause})
}
