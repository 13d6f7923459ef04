import type {Verb} from './verb.ts'

export interface VerbRow {
  name: string
  /** Heading in the list of verbs. */
  group: string
  summary: string
  /** Loads the verb's file; only the one asked for is ever loaded. */
  load(): Promise<Verb>
}

const AUTHOR = 'Write a plugin:'
const PLUGINS = 'Plugins of a running server:'
const DEPLOY = 'Put a plugin to use:'
const OPERATE = 'Operate the server:'

/** All verbs: one file in verbs/ and one line here each. */
export const VERBS: readonly VerbRow[] = [
  row(AUTHOR, 'init', 'make a new plugin', async () => (await import('./verbs/init.ts')).init),
  row(AUTHOR, 'build', 'check, bundle and pack a plugin', async () => (await import('./verbs/build.ts')).build),
  row(AUTHOR, 'check', 'tell everything wrong with a plugin', async () => (await import('./verbs/check.ts')).check),
  row(AUTHOR, 'run', 'run an action of a plugin', async () => (await import('./verbs/run.ts')).run),
  row(AUTHOR, 'debug', 'talk to a plugin at a prompt', async () => (await import('./verbs/debug.ts')).debug),
  row(AUTHOR, 'dev', 'swap each change into a running server', async () => (await import('./verbs/dev.ts')).dev),
  row(PLUGINS, 'install', 'install a bundle', async () => (await import('./verbs/install.ts')).install),
  row(PLUGINS, 'list', 'list the plugins', async () => (await import('./verbs/list.ts')).list),
  row(PLUGINS, 'status', 'show a plugin in full', async () => (await import('./verbs/status.ts')).status),
  row(PLUGINS, 'activate', 'swap or roll back', async () => (await import('./verbs/activate.ts')).activate),
  row(PLUGINS, 'enable', 'switch a plugin on', async () => (await import('./verbs/enable.ts')).enable),
  row(PLUGINS, 'disable', 'switch a plugin off', async () => (await import('./verbs/disable.ts')).disable),
  row(PLUGINS, 'restart', 'restart a plugin', async () => (await import('./verbs/restart.ts')).restart),
  row(PLUGINS, 'remove', 'remove a plugin', async () => (await import('./verbs/remove.ts')).remove),
  row(PLUGINS, 'logs', 'show or follow its log', async () => (await import('./verbs/logs.ts')).logs),
  row(
    DEPLOY,
    'registrations',
    'list registrations, or show one',
    async () => (await import('./verbs/registrations.ts')).registrations,
  ),
  row(DEPLOY, 'register', 'make a registration', async () => (await import('./verbs/register.ts')).register),
  row(DEPLOY, 'configure', 'change a registration', async () => (await import('./verbs/configure.ts')).configure),
  row(DEPLOY, 'options', 'list choices for a field', async () => (await import('./verbs/options.ts')).options),
  row(DEPLOY, 'test', 'test a registration’s connection', async () => (await import('./verbs/test.ts')).test),
  row(DEPLOY, 'map', 'list, show, change and try out mappings', async () => (await import('./verbs/map.ts')).map),
  row(DEPLOY, 'execute', 'execute an action', async () => (await import('./verbs/execute.ts')).execute),
  row(
    DEPLOY,
    'executions',
    'list executions, or show one',
    async () => (await import('./verbs/executions.ts')).executions,
  ),
  row(DEPLOY, 'replay', 'execute once more what was executed', async () => (await import('./verbs/replay.ts')).replay),
  row(DEPLOY, 'retry', 'execute failed ones again', async () => (await import('./verbs/retry.ts')).retry),
  row(DEPLOY, 'cancel', 'cancel an execution', async () => (await import('./verbs/cancel.ts')).cancel),
  row(
    DEPLOY,
    'records',
    'look at and change requests, assets, users',
    async () => (await import('./verbs/records.ts')).records,
  ),
  row(DEPLOY, 'event', 'tell the rules what happened', async () => (await import('./verbs/event.ts')).event),
  row(DEPLOY, 'rules', 'list, change, test and run rules', async () => (await import('./verbs/rules.ts')).rules),
  row(
    DEPLOY,
    'schedules',
    'list, change and run schedules',
    async () => (await import('./verbs/schedules.ts')).schedules,
  ),
  row(OPERATE, 'serve', 'run the server', async () => (await import('./verbs/serve.ts')).serve),
  row(OPERATE, 'doctor', 'tell what is not as it should be', async () => (await import('./verbs/doctor.ts')).doctor),
  row(OPERATE, 'token', 'print, list, make and remove tokens', async () => (await import('./verbs/token.ts')).token),
  row(OPERATE, 'audit', 'list what was changed by whom', async () => (await import('./verbs/audit.ts')).audit),
  row(OPERATE, 'backup', 'back up a running server', async () => (await import('./verbs/backup.ts')).backup),
  row(OPERATE, 'restore', 'make a data folder of a backup', async () => (await import('./verbs/restore.ts')).restore),
  row(
    OPERATE,
    'rotate-key',
    'wrap all secrets with a new key',
    async () => (await import('./verbs/rotate-key.ts')).rotateKey,
  ),
]

function row(group: string, name: string, summary: string, load: VerbRow['load']): VerbRow {
  return {group, name, summary, load}
}
