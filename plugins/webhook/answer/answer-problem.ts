import {PluginError} from 'plugin-host/sdk'

/** The error for an answer in which nothing can be looked up. */
export function refuseAnswer(reason: string, hint: string): PluginError {
  return new PluginError(`Cannot read the answer: ${reason}`, {category: 'business', code: 'ANSWER_UNREADABLE', hint})
}
