import type {Effect, JsonObject} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {MainServer} from '../main-server/main-server.ts'
import {renderOutput} from '../mapping/output.ts'
import type {Module} from '../record-types.ts'
import type {Execution, OutputTarget} from '../types.ts'
import type {AskedEffect} from './apply-effects.ts'
import type {Ending} from './settle-call.ts'
import type {ExecutorParts} from './types.ts'

const NOTE_CHARS = 2000

export interface PlanParts extends Pick<ExecutorParts, 'findRegistration' | 'findManifest'> {
  mainServer: Pick<MainServer, 'listFields'>
}

/** What is to be changed besides what the plugin asked for: the rows of the mapping's output, and a note in the record's history. */
export async function planEffects(
  execution: Execution,
  output: OutputTarget | undefined,
  ending: Ending,
  parts: PlanParts,
): Promise<AskedEffect[]> {
  return [...(output ? await planOutput(output, ending, parts) : []), ...planNote(execution, ending, parts)]
}

async function planOutput(
  {module, record, rows}: OutputTarget,
  {status, output, message, error}: Ending,
  {mainServer}: PlanParts,
): Promise<AskedEffect[]> {
  const asked = (fields: JsonObject, problem?: HostError): AskedEffect => ({
    effect: describeUpdate(module, record, fields),
    from: 'mapping',
    ...(problem && {problem}),
  })
  const fail = (reason: string): AskedEffect =>
    asked({}, new HostError('EFFECT_FAILED', {op: describeUpdate(module, record, {}).op, reason, category: 'config'}))
  try {
    const catalogue = await mainServer.listFields(module)
    const {fields, problems} = renderOutput(rows, {status, output, message, error}, catalogue)
    return [
      ...(Object.keys(fields).length > 0 ? [asked(fields)] : []),
      ...(problems.length > 0 ? [fail(problems.join('; '))] : []),
    ]
  } catch (error) {
    return [error instanceof HostError ? asked({}, error) : fail('its output cannot be made')]
  }
}

function describeUpdate(module: Module, id: string, fields: JsonObject): Effect {
  if (module === 'asset') return {op: 'asset.update', asset: id, fields}
  return module === 'user' ? {op: 'user.upsert', user: {...fields, id}} : {op: 'request.update', request: id, fields}
}

/** Only requests have a history. A dry run leaves none. */
function planNote(execution: Execution, ending: Ending, parts: PlanParts): AskedEffect[] {
  const {record, mode, registration} = execution
  const [, request] = /^request:(.+)$/.exec(record ?? '') ?? []
  if (request === undefined || mode === 'dryRun') return []
  if (parts.findRegistration(registration)?.settings.notes === false) return []
  const text = describeEnding(execution, ending, parts)
  return [{effect: {op: 'request.note', request, text, public: false}, from: 'note'}]
}

const STATUS_WORDS: {[status in Ending['status']]: string} = {
  succeeded: 'succeeded',
  failed: 'failed',
  timedOut: 'ran out of time',
  cancelled: 'was cancelled',
  unknown: 'came to nobody knows what',
}

/** One short text for people: which plugin, which action, what it came to. By their ids what is not there any more. */
function describeEnding(
  {plugin, registration, action}: Execution,
  {status, message, error}: Ending,
  {findManifest, findRegistration}: PlanParts,
): string {
  const manifest = findManifest(plugin)?.manifest
  const name = manifest?.name ?? plugin
  const own = findRegistration(registration)?.name ?? registration
  const who = own === name ? name : `${name} (${own})`
  const label = manifest && Object.hasOwn(manifest.actions, action) ? manifest.actions[action]?.label : undefined
  const code = error ? ` [${error.code}]` : ''
  const told = message === '' ? '' : `: ${message}`
  const text = `${who}: ${label ?? action} ${STATUS_WORDS[status]}${code}${told}`
  return text.length > NOTE_CHARS ? `${text.slice(0, NOTE_CHARS - 1).trimEnd()}…` : text
}
