import {join} from 'node:path'
import type {LaunchSpec} from './types.ts'

/** Variables handed on when the server has them; everything else stays outside. */
const ENVIRONMENT = ['PATH', 'TZ', 'LANG', 'LC_ALL', 'SystemRoot', 'SYSTEMROOT', 'WINDIR', 'TEMP', 'TMP']

const GRANTS = ['--allow-net', '--allow-child-process', '--allow-worker', '--allow-addons', '--allow-inspector']

/** Node's flags for isolation level 0: the permission model set from the manifest, and the memory limit. */
export function listNodeFlags(
  {bundleFolder, dataFolder, permissions, limits, inspect}: LaunchSpec,
  loader: string,
): string[] {
  const flags = [
    '--permission',
    `--allow-fs-read=${join(bundleFolder, '*')}`,
    `--allow-fs-read=${loader}`,
    `--allow-fs-read=${join(dataFolder, '*')}`,
    `--allow-fs-write=${join(dataFolder, '*')}`,
    `--max-old-space-size=${limits.memoryMb}`,
  ]
  if (permissions.net.length > 0) flags.push('--allow-net')
  if (permissions.exec) flags.push('--allow-child-process')
  if (permissions.workers) flags.push('--allow-worker')
  flags.push(permissions.addons ? '--allow-addons' : '--no-addons')
  if (inspect) flags.push('--allow-inspector', `--${inspect}=127.0.0.1:0`)
  // Node warns of what is granted: noise in the plugin's log, and some 5 ms of every start. `status` tells it instead.
  if (flags.some(flag => GRANTS.includes(flag)))
    flags.push('--disable-warning=ExperimentalWarning', '--disable-warning=SecurityWarning')
  if (limits.forbidEval) flags.push('--disallow-code-generation-from-strings')
  return flags
}

/** A clean environment: an allow-list, and what marks the process as ours. */
export function listEnvironment(own: NodeJS.ProcessEnv, marks: {[name: string]: string}): {[name: string]: string} {
  const environment: {[name: string]: string} = {NODE_ENV: 'production', ...marks}
  for (const name of ENVIRONMENT) {
    const value = own[name]
    if (value !== undefined) environment[name] = value
  }
  return environment
}

/** What a plugin may do, in words, for `status`. */
export function describeAllowed({
  program,
  permissions,
  limits,
}: Pick<LaunchSpec, 'program' | 'permissions' | 'limits'>): string[] {
  const ownRuntime = 'command' in program
  return [
    ownRuntime ? 'runs its own program, outside Node’s permission model' : 'reads its bundle and its data folder',
    ownRuntime ? 'reads and writes whatever the server’s user may' : 'writes to its data folder',
    describeNetwork(permissions.net, ownRuntime),
    permissions.exec || ownRuntime ? 'starts other programs' : 'starts no other program',
    ...(permissions.workers ? ['starts worker threads'] : []),
    ...(permissions.addons ? ['loads native add-ons'] : []),
    `uses up to ${limits.memoryMb} MiB`,
    ...permissions.hostApi.map(method => `calls ${method}`),
    ...permissions.effects.map(op => `asks for ${op}`),
  ]
}

/** Level 0 opens the network as a whole or not at all; the list binds only what the host fetches for the plugin. */
function describeNetwork(net: readonly string[], ownRuntime: boolean): string {
  if (net.length === 0 && !ownRuntime) return 'has no network'
  const named = net.filter(host => host !== '*')
  return named.length === 0 ? 'has the whole network' : `has the whole network, and names ${net.join(', ')}`
}
