import {describeLogLine} from '../describe-log-line.ts'
import {describeEffect, describeOutcome} from '../describe-outcome.ts'
import {describePlugin} from '../describe-plugin.ts'
import {describeState} from '../describe-state.ts'
import {describeTestReport} from '../describe-test-report.ts'
import {Failure} from '../failure.ts'
import {parseJson, requireObject, takeWord} from './parse-words.ts'
import type {DebugAnswer, DebugCommand, DebugSession} from './session.ts'

/** What can be said at the prompt; `help` and `quit` are the prompt's own. */
export const COMMANDS: {[name: string]: DebugCommand} = {
  call: {
    usage: '<action> [json]',
    summary: 'execute an action, effects applied (default input: its first sample)',
    run: (session, rest, signal) => execute(session, rest, 'live', signal),
  },
  dry: {
    usage: '<action> [json]',
    summary: 'the same as a dry run: effects are shown, none applied',
    run: (session, rest, signal) => execute(session, rest, 'dryRun', signal),
  },
  test: {usage: '', summary: 'test the connection', run: testConnection},
  options: {usage: '<field> [search]', summary: 'list the choices for a field', run: listOptions},
  config: {usage: '<json>', summary: 'change the configuration', run: configure},
  effects: {usage: '', summary: 'list the effects of all calls so far', run: listEffects},
  frames: {usage: 'on|off', summary: 'show every wire message', run: switchFrames},
  logs: {usage: '[count]', summary: 'show the newest lines of its log', run: showLogs},
  status: {usage: '', summary: 'show its state, its process and what it may do', run: showStatus},
  restart: {usage: '', summary: 'restart its process', run: restart},
}

async function execute(
  session: DebugSession,
  words: string,
  mode: 'live' | 'dryRun',
  signal: AbortSignal,
): Promise<DebugAnswer> {
  const {host, id} = session.plugin
  const [action, json] = takeWord(words)
  if (action === '') throw new Failure('USAGE', 'Cannot execute: no action is named', 'Say: call <action> [json]')
  const {actions} = host.getPlugin(id).manifest
  const sample = Object.hasOwn(actions, action) ? actions[action]?.samples[0]?.input : undefined
  const input = json === '' ? (sample ?? {}) : parseJson(json)
  const outcome = await host.execute({registration: requireConfigured(session), action, input, mode, by: 'cli', signal})
  session.outcomes.push(outcome)
  return {data: outcome, text: describeOutcome(outcome), failed: outcome.status !== 'succeeded'}
}

async function testConnection(session: DebugSession, _: string, signal: AbortSignal): Promise<DebugAnswer> {
  const report = await session.plugin.host.testRegistration(requireConfigured(session), {signal})
  return {data: report, text: describeTestReport(report), failed: !report.ok}
}

async function listOptions(session: DebugSession, words: string): Promise<DebugAnswer> {
  const [field, search] = takeWord(words)
  const found = await session.plugin.host.listOptions(requireConfigured(session), field, {search})
  const lines = found.options.map(({value, label}) => `${label}  ${JSON.stringify(value)}`)
  return {data: found, text: [...lines, ...(found.more ? ['... and more: search on'] : [])].join('\n') || 'no choices'}
}

async function configure(session: DebugSession, json: string): Promise<DebugAnswer> {
  const {host, id} = session.plugin
  const config = requireObject(parseJson(json), 'the configuration')
  const {registration} = session
  const made = registration
    ? await host.updateRegistration(registration, {config})
    : await host.createRegistration({plugin: id, id, name: id, config})
  session.registration = made.id
  return {data: made, text: JSON.stringify(made.config)}
}

function listEffects({outcomes}: DebugSession): DebugAnswer {
  const effects = outcomes.flatMap(outcome => outcome.effects)
  return {data: effects, text: effects.map(describeEffect).join('\n') || 'no effects yet'}
}

function switchFrames({frames}: DebugSession, word: string): DebugAnswer {
  if (word !== 'on' && word !== 'off')
    throw new Failure('USAGE', 'Cannot switch frames: say "frames on" or "frames off"')
  frames.shown = word === 'on'
  return {data: {frames: word}, text: `frames ${word}`}
}

function showLogs({plugin: {host, id}}: DebugSession, word: string): DebugAnswer {
  const lines = host.readLogs(id, {lines: /^\d{1,4}$/.test(word) ? Number(word) : 20})
  return {data: lines, text: lines.map(describeLogLine).join('\n')}
}

function showStatus({plugin: {host, id}}: DebugSession): DebugAnswer {
  const plugin = host.getPlugin(id)
  return {data: plugin, text: describePlugin(plugin)}
}

async function restart({plugin: {host, id}}: DebugSession): Promise<DebugAnswer> {
  const plugin = await host.restartPlugin(id)
  return {data: plugin, text: `${id} ${plugin.version ?? ''}: ${describeState(plugin.state)}`}
}

function requireConfigured({registration, plugin: {id}}: DebugSession): string {
  if (registration !== null) return registration
  throw new Failure('USAGE', `Cannot call plugin "${id}": it has no configuration`, 'Say: config <json>')
}
