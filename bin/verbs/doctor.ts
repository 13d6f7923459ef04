import type {Finding, PluginSummary} from '../../host/index.ts'
import {type Client, createClient} from '../client.ts'
import {describeState} from '../describe-state.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import type {Result, Verb} from '../verb.ts'

interface Options extends ServerOptions {
  config?: string
}

const LEAST_NODE = 24

/** `doctor` */
export const doctor: Verb<[], Options> = {
  declare: command => declareServer(command).option('--config <file>', 'JSON file of settings, as for serve'),

  async run({options, signal}) {
    const findings = [judgeNode(), ...(await examineLocal(options)), ...(await examineServer(options, signal))]
    return describeFindings(findings)
  },
}

function judgeNode(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  const message = `${process.version} on ${process.platform}-${process.arch}`
  if (major >= LEAST_NODE) return {name: 'node', state: 'ok', message}
  return {name: 'node', state: 'fail', message, remedy: `Install Node ${LEAST_NODE} or newer`}
}

async function examineLocal({data, config}: Options): Promise<Finding[]> {
  const {examineSettings, loadConfig} = await import('../../host/index.ts')
  try {
    const settings = loadConfig(data === undefined ? {} : {dataFolder: data}, process.env, config)
    return [
      {name: 'settings', state: 'ok', message: config ?? 'defaults and environment'},
      ...(await examineSettings(settings)),
    ]
  } catch (error) {
    return [{name: 'settings', state: 'fail', message: (error as Error).message}]
  }
}

async function examineServer(options: Options, signal: AbortSignal): Promise<Finding[]> {
  try {
    const client = await createClient(options)
    const health = await client.call('getHealth', {signal})
    const found: Finding = {name: 'server', state: 'ok', message: `${client.url.origin}, release ${health.version}`}
    return [found, ...(await examineParts(client, signal))]
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    const state = error.code === 'SERVER_UNKNOWN' ? 'warn' : 'fail'
    return [{name: 'server', state, message: error.message, ...(error.remedy !== undefined && {remedy: error.remedy})}]
  }
}

async function examineParts(client: Client, signal: AbortSignal): Promise<Finding[]> {
  const {kind, ok, message, drift} = await client.call('getMainServer', {signal})
  const said = [kind, message, drift.length > 0 ? `${drift.length} fields have changed` : ''].filter(
    text => text !== '',
  )
  const mainServer: Finding = {
    ...{name: 'main server', message: said.join(': ')},
    ...(ok ? {state: drift.length > 0 ? 'warn' : 'ok'} : {state: 'fail'}),
    ...((!ok || drift.length > 0) && {
      remedy: ok ? 'Check the mappings that use them' : 'Check mainServer in the settings',
    }),
  }
  const {items} = await client.call('listPlugins', {signal})
  return [mainServer, ...items.map(judgePlugin)]
}

const FINE = ['running', 'stopped', 'starting', 'draining', 'disabled']

function judgePlugin({id, version, state}: PluginSummary): Finding {
  const facts = {name: `plugin ${id}`, message: `${version ?? 'no version'} ${describeState(state)}`}
  if (FINE.includes(state.name)) return {...facts, state: 'ok'}
  return {...facts, state: state.name === 'parked' ? 'fail' : 'warn', remedy: `See "plugin-host logs ${id}"`}
}

function describeFindings(findings: Finding[]): Result {
  const width = Math.max(...findings.map(({name}) => name.length))
  const lines = findings.flatMap(({name, state, message, remedy}) => [
    `${state.padEnd(4)}  ${name.padEnd(width)}  ${message}`,
    ...(remedy === undefined || state === 'ok' ? [] : [`${' '.repeat(width + 8)}${remedy}`]),
  ])
  const failed = findings.some(({state}) => state === 'fail')
  return {data: {ok: !failed, findings}, text: lines.join('\n'), exitCode: failed ? 1 : 0}
}
