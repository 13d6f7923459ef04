import {
  HOST_API_RANGE,
  type InitializeParams,
  type InitializeResult,
  METHODS,
  PROTOCOL_RANGE,
} from '../../runtime/protocol.ts'
import {HostError, PluginFailure} from '../errors.ts'
import {type Connection, isCutOff, isMismatch} from './connection.ts'
import type {LaunchSpec} from './types.ts'

/** `initialize`, and what its answer must hold. Rejects with HostError. */
export async function shakeHands(connection: Connection, spec: LaunchSpec, name: string): Promise<InitializeResult> {
  const params: InitializeParams = {
    protocol: PROTOCOL_RANGE,
    hostApi: HOST_API_RANGE,
    plugin: {id: spec.id, version: spec.version},
    process: name,
    dataFolder: spec.dataFolder,
    permissions: spec.permissions,
  }
  const answer = await connection.request(METHODS.initialize, params).catch(cause => {
    const error = connection.explain(METHODS.initialize, cause)
    throw isMismatch(error)
      ? new HostError('PLUGIN_PROTOCOL_MISMATCH', {id: spec.id, ...error.data}, error)
      : startFailure(spec, error)
  })
  return checkAnswer(spec, answer)
}

function startFailure(spec: LaunchSpec, error: unknown): HostError {
  if (error instanceof HostError && error.code !== 'PLUGIN_UNSUPPORTED') return error
  // Its exit tells why, better than this does.
  if (isCutOff(error)) return new HostError('PLUGIN_CRASHED', {id: spec.id, reason: 'initialize was cut off'}, error)
  const reason = error instanceof PluginFailure ? error.message : `initialize was refused: ${(error as Error).message}`
  return new HostError('PLUGIN_START_FAILED', {id: spec.id, reason}, error)
}

function checkAnswer(spec: LaunchSpec, answer: unknown): InitializeResult {
  const {protocol, hostApi, capabilities} = Object(answer) as Partial<InitializeResult>
  if (typeof protocol !== 'number' || !Array.isArray(capabilities?.actions)) {
    throw new HostError('PLUGIN_START_FAILED', {
      id: spec.id,
      reason: 'its answer to initialize lacks protocol or capabilities.actions',
    })
  }
  if (protocol < PROTOCOL_RANGE.min || protocol > PROTOCOL_RANGE.max) {
    throw new HostError('PLUGIN_PROTOCOL_MISMATCH', {
      id: spec.id,
      plugin: String(protocol),
      host: `${PROTOCOL_RANGE.min} to ${PROTOCOL_RANGE.max}`,
      remedy: 'Answer initialize with a version of the range it was given',
    })
  }
  const missing = spec.actions.filter(action => !capabilities.actions.includes(action))
  if (missing.length > 0) {
    throw new HostError('PLUGIN_START_FAILED', {
      id: spec.id,
      reason: `it lacks ${missing.map(name => `action "${name}"`).join(', ')} of its plugin.json`,
    })
  }
  const {actions, configure = false, test = false, options = [], verify = [], migrate = false} = capabilities
  return {protocol, hostApi: hostApi ?? 1, capabilities: {actions, configure, test, options, verify, migrate}}
}
