import {HOST_API_RANGE, type JsonObject, METHODS, PROTOCOL_RANGE} from '../../runtime/protocol.ts'
import type {LaunchSpec} from '../process/types.ts'
import type {TraceEntry, WireMessage} from './trace.ts'

interface Today {
  spec: LaunchSpec
  config: JsonObject | undefined
  /** Milliseconds since 1970. */
  now: number
}

/** A recorded request as it has to be today: folders, deadlines and secrets are no longer those of the trace. */
export function adaptRequest({at, message}: TraceEntry, {spec, config, now}: Today): WireMessage {
  const {method} = message
  const params = Object(message.params) as JsonObject
  if (method === METHODS.initialize) {
    const {id, version, dataFolder, permissions} = spec
    const today = {protocol: PROTOCOL_RANGE, hostApi: HOST_API_RANGE, plugin: {id, version}, dataFolder, permissions}
    return {...message, params: {...params, ...today}}
  }
  const {deadline} = params
  const moved = typeof deadline === 'number' ? {deadline: deadline - at + now} : {}
  const given = config && typeof params.config === 'object' && params.config !== null ? {config} : {}
  return message.params === undefined ? message : {...message, params: {...params, ...moved, ...given}}
}

/** A ping tells of the moment, nothing of the plugin. */
export const isReplayed = (method: string): boolean => method !== METHODS.ping

/** An answer without what differs each time: its id, how long a stage took, where in the code an error came from. */
export function dropVolatile(answer: WireMessage | undefined): unknown {
  if (answer === undefined) return undefined
  const {result, error} = answer
  return {
    ...(result !== undefined && {result: mapTable(result, 'stages', dropDurations)}),
    ...(error !== undefined && {error: mapTable(error, 'data', data => omit(data, 'stack'))}),
  }
}

function dropDurations(stages: unknown): unknown {
  return Array.isArray(stages) ? stages.map(stage => omit(stage, 'durationMs')) : stages
}

function mapTable(value: unknown, key: string, change: (child: unknown) => unknown): unknown {
  return isTable(value) && key in value ? {...value, [key]: change(value[key])} : value
}

function omit(value: unknown, key: string): unknown {
  if (!isTable(value)) return value
  const {[key]: _, ...rest} = value
  return rest
}

function isTable(value: unknown): value is {[key: string]: unknown} {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
