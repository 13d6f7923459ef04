import type {WireError} from '../runtime/protocol.ts'

type Details = {[name: string]: unknown}
type Row = readonly [status: number, message: (details: Details) => string]

const text = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'unknown'))
const because = ({reason}: Details): string => text(reason)
const isStaged = ({staged}: Details): string => (staged ? 'It is installed, and staged. ' : '')

/**
 * Every error the host speaks of: HTTP status and message. A message says "Cannot <action> <"name">: <current state>";
 * the remedy, where there is one, follows on a new line. Listed in docs/errors.md, pinned by a test.
 */
export const ERRORS = {
  BUNDLE_NOT_FOUND: [404, d => `Cannot open bundle "${text(d.path)}": no such file`],
  BUNDLE_UNREADABLE: [422, d => `Cannot open bundle: ${because(d)}\nBuild it with "plugin-host build"`],
  BUNDLE_TOO_LARGE: [413, d => `Cannot open bundle: ${because(d)}`],
  BUILD_FAILED: [422, d => `Cannot build plugin "${text(d.plugin)}": ${because(d)}`],
  BUNDLE_REFUSED: [
    422,
    d =>
      `Cannot accept the bundle: ${d.place ? `"${text(d.place)}"` : 'it'} ${text(d.message)} (${text(d.problem)})\n${text(d.remedy)}`,
  ],
  MANIFEST_INVALID: [422, d => `Cannot accept plugin.json: ${because(d)}`],
  PLUGIN_NOT_FOUND: [404, d => `Cannot find plugin "${text(d.id)}": it is not installed`],
  PLUGIN_VERSION_NOT_FOUND: [
    404,
    d => `Cannot find version "${text(d.version)}" of plugin "${text(d.id)}": it is not installed`,
  ],
  PLUGIN_EXISTS: [
    409,
    d =>
      `Cannot install plugin "${text(d.id)}" ${text(d.version)}: another bundle with this version is installed\nRaise the version in plugin.json`,
  ],
  PLUGIN_NOT_RUNNING: [503, d => `Cannot call plugin "${text(d.id)}": it is ${text(d.state)}`],
  PLUGIN_DISABLED: [409, d => `Cannot call plugin "${text(d.id)}": it is disabled\nEnable it first`],
  PLUGIN_PARKED: [
    503,
    d =>
      `Cannot call plugin "${text(d.id)}": it is parked after repeated crashes: ${because(d)}\nInstall a mended version, or restart it`,
  ],
  PLUGIN_BUSY: [429, d => `Cannot call plugin "${text(d.id)}": its queue is full\nTry again later`],
  QUEUE_FULL: [429, d => `Cannot accept the execution: ${text(d.count)} wait already\nTry again later`],
  PLUGIN_START_FAILED: [502, d => `Cannot start plugin "${text(d.id)}": ${because(d)}`],
  PLUGIN_PROTOCOL_MISMATCH: [
    502,
    d =>
      `Cannot start plugin "${text(d.id)}": it speaks protocol ${text(d.plugin)} and this host ${text(d.host)}\n${text(d.remedy)}`,
  ],
  PLUGIN_PROTOCOL_ERROR: [502, d => `Cannot read from plugin "${text(d.id)}": ${because(d)}`],
  PLUGIN_CRASHED: [502, d => `Cannot finish the call to plugin "${text(d.id)}": its process ended (${because(d)})`],
  PLUGIN_STOPPED: [503, d => `Cannot call plugin "${text(d.id)}": its process is stopping`],
  PLUGIN_UNSUPPORTED: [501, d => `Cannot ask plugin "${text(d.id)}" to ${text(d.method)}: it does not offer that`],
  PLUGIN_SWAP_FAILED: [
    502,
    d =>
      `Cannot activate version ${text(d.version)} of plugin "${text(d.id)}": ${because(d)}\nThe version before still serves`,
  ],
  ACTION_NOT_FOUND: [
    404,
    d => `Cannot find action "${text(d.action)}" of plugin "${text(d.id)}": it has ${text(d.known)}`,
  ],
  REGISTRATION_NOT_FOUND: [404, d => `Cannot find registration "${text(d.id)}": there is none`],
  REGISTRATION_DISABLED: [409, d => `Cannot use registration "${text(d.id)}": it is disabled\nEnable it first`],
  REGISTRATION_EXISTS: [409, d => `Cannot create registration "${text(d.id)}": ${because(d)}`],
  CONFIG_INVALID: [422, d => `Cannot accept the configuration: ${because(d)}`],
  OPTIONS_FAILED: [502, d => `Cannot list choices for "${text(d.field)}": ${because(d)}`],
  INPUT_INVALID: [422, d => `Cannot accept the input: ${because(d)}`],
  OUTPUT_INVALID: [502, d => `Cannot accept the answer of plugin "${text(d.id)}": ${because(d)}`],
  EFFECT_DENIED: [
    403,
    d =>
      `Cannot apply effect "${text(d.op)}": plugin "${text(d.id)}" has no permission for it\nDeclare it in permissions.effects of plugin.json`,
  ],
  EFFECT_FAILED: [502, d => `Cannot apply effect "${text(d.op)}": ${because(d)}`],
  HOST_API_DENIED: [
    403,
    d =>
      d.reason === undefined
        ? `Cannot call ${text(d.method)}: plugin "${text(d.id)}" has no permission for it\nDeclare it in permissions of plugin.json`
        : `Cannot call ${text(d.method)}: ${because(d)}`,
  ],
  HOST_API_FAILED: [502, d => `Cannot call ${text(d.method)}: ${because(d)}`],
  DRY_RUN_UNSUPPORTED: [422, d => `Cannot dry-run action "${text(d.action)}": ${because(d)}`],
  EXECUTION_NOT_FOUND: [404, d => `Cannot find execution "${text(d.id)}": there is none`],
  EXECUTION_TIMED_OUT: [504, d => `Cannot finish action "${text(d.action)}": no answer within ${text(d.ms)} ms`],
  EXECUTION_CANCELLED: [499, d => `Cannot finish action "${text(d.action)}": it was cancelled`],
  EXECUTION_INTERRUPTED: [
    500,
    d => `Cannot tell what action "${text(d.action)}" came to: the server ended while it ran`,
  ],
  ARTIFACT_NOT_FOUND: [404, d => `Cannot find artifact "${text(d.name)}": this execution made none of that name`],
  EXECUTION_NOT_REPLAYABLE: [409, d => `Cannot run execution "${text(d.id)}" again: ${because(d)}`],
  MAPPING_NOT_FOUND: [404, d => `Cannot find mapping "${text(d.name)}" of registration "${text(d.id)}": there is none`],
  MAPPING_INVALID: [422, d => `Cannot accept the mapping: ${because(d)}`],
  MAPPING_FAILED: [422, d => `Cannot make the input by mapping "${text(d.name)}": ${because(d)}`],
  RECORD_NOT_FOUND: [404, d => `Cannot find ${text(d.module)} "${text(d.id)}": the main server has none`],
  MAIN_SERVER_REFUSED: [422, d => `Cannot ${text(d.action)} on the main server: ${because(d)}`],
  MAIN_SERVER_UNAVAILABLE: [503, d => `Cannot reach the main server: ${because(d)}`],
  EVENT_INVALID: [422, d => `Cannot accept the event: ${because(d)}`],
  EVENT_NOT_FOUND: [404, d => `Cannot find event "${text(d.id)}": there is none`],
  RULE_NOT_FOUND: [404, d => `Cannot find rule "${text(d.id)}": there is none`],
  RULE_EXISTS: [409, d => `Cannot create rule "${text(d.id)}": there is one with this id`],
  RULE_RUN_NOT_FOUND: [404, d => `Cannot find rule run "${text(d.id)}": there is none`],
  RULE_REFUSED: [409, d => `Cannot run rule "${text(d.id)}": ${because(d)}`],
  RULE_INVALID: [422, d => `Cannot accept the rule: ${because(d)}`],
  SCHEDULE_NOT_FOUND: [404, d => `Cannot find schedule "${text(d.id)}": there is none`],
  SCHEDULE_EXISTS: [409, d => `Cannot create schedule "${text(d.id)}": there is one with this id`],
  SCHEDULE_REFUSED: [409, d => `Cannot run schedule "${text(d.id)}": ${because(d)}`],
  SCHEDULE_INVALID: [422, d => `Cannot accept the schedule: ${because(d)}`],
  CONSENT_NEEDED: [
    409,
    d =>
      `Cannot activate version ${text(d.version)} of plugin "${text(d.id)}": it asks for more than was agreed to: ${because(d)}\n${isStaged(d)}Agree to it with consent`,
  ],
  UPGRADE_BREAKS: [
    409,
    d =>
      `Cannot activate version ${text(d.version)} of plugin "${text(d.id)}": it breaks ${because(d)}\n${isStaged(d)}Mend them first, or force it`,
  ],
  REHEARSAL_DIFFERS: [
    409,
    d =>
      `Cannot activate version ${text(d.version)} of plugin "${text(d.id)}": in the rehearsal ${because(d)}\nLook at the differences, then force it`,
  ],
  TOKEN_NOT_FOUND: [404, d => `Cannot find token "${text(d.id)}": there is none`],
  TOKEN_INVALID: [422, d => `Cannot create the token: ${because(d)}`],
  TOKEN_NEEDED: [
    409,
    d => `Cannot remove token "${text(d.id)}": it is the last active one of an administrator\nCreate another first`,
  ],
  AUDIT_FAILED: [503, d => `Cannot make the change: the audit log cannot be written: ${because(d)}`],
  BACKUP_FAILED: [500, d => `Cannot make the backup: ${because(d)}`],
  BACKUP_NOT_FOUND: [404, d => `Cannot find backup "${text(d.name)}": there is none`],
  RESTORE_REFUSED: [422, d => `Cannot restore the backup: ${because(d)}`],
  TOKEN_REFUSED: [401, () => `Cannot authenticate: the bearer token is missing or not valid`],
  TOKEN_SCOPE: [403, d => `Cannot ${text(d.action)}: the token lacks the scope ${text(d.scope)}`],
  TOKEN_ATTEMPTS: [429, () => `Cannot authenticate: too many refused tokens from this address\nTry again later`],
  REQUEST_INVALID: [400, d => `Cannot read the request: ${because(d)}`],
  REQUEST_TOO_LARGE: [413, d => `Cannot read the request: ${because(d)}`],
  REQUEST_TIMEOUT: [408, d => `Cannot read the request: it did not arrive within ${text(d.ms)} ms`],
  REQUEST_MEDIA_TYPE: [415, d => `Cannot read the request: content type "${text(d.type)}" is not supported here`],
  REQUEST_HEADERS_TOO_LARGE: [431, d => `Cannot read the request: ${because(d)}`],
  HOST_HEADER_REFUSED: [
    421,
    d => `Cannot answer for host "${text(d.host)}": it is not a name of this server\nUse the address in http.host`,
  ],
  METHOD_NOT_ALLOWED: [405, d => `Cannot ${text(d.method)} ${text(d.route)}: it takes ${text(d.allow)}`],
  ROUTE_NOT_FOUND: [404, d => `Cannot find ${text(d.route)}: there is no such resource\nSee /docs`],
  HOST_STOPPING: [503, () => `Cannot accept the call: the server is stopping`],
  HOST_LISTEN_FAILED: [500, d => `Cannot listen on ${text(d.address)}: ${because(d)}\nSet http.host and http.port`],
  HOST_LOCKED: [409, d => `Cannot use data folder "${text(d.path)}": the server with pid ${text(d.pid)} uses it`],
  HOST_KEY_REFUSED: [500, d => `Cannot use secret key "${text(d.path)}": ${because(d)}\n${text(d.remedy)}`],
  HOST_CONFIG_INVALID: [500, d => `Cannot read the settings: ${because(d)}`],
  HOST_STORE_FAILED: [507, d => `Cannot write to the data folder: ${because(d)}`],
  HOST_INTERNAL: [500, () => `Cannot finish the request: an unexpected fault, told in the server's log`],
} satisfies {[code: string]: Row}

export type ErrorCode = keyof typeof ERRORS

/** The one error class of the host: a code of the table, its details, and where it came from as `cause`. */
export class HostError extends Error {
  override readonly name = 'HostError'
  readonly code: ErrorCode
  readonly details: Details

  constructor(code: ErrorCode, details: Details = {}, cause?: unknown) {
    super(ERRORS[code][1](details), {cause})
    this.code = code
    this.details = details
  }

  get status(): number {
    return ERRORS[this.code][0]
  }
}

/** A plugin's own failure, as it came over the wire. Never one of ours. */
export class PluginFailure extends Error {
  override readonly name = 'PluginFailure'
  readonly data: WireError

  constructor(data: WireError) {
    super(data.message)
    this.data = data
  }
}

export function isHostError(value: unknown, code?: ErrorCode): value is HostError {
  return value instanceof HostError && (code === undefined || value.code === code)
}
