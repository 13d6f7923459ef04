import {resolve} from 'node:path'
import convict from 'convict'
import {HostError} from './errors.ts'
import {MAIN_SERVER_SETTINGS} from './main-server/settings.ts'

/** Every setting of the server: its default, its unit, its environment variable. docs/configuration.md is checked against this. */
const SCHEMA = {
  dataFolder: {doc: 'Folder of everything the server keeps', format: String, default: 'data', env: 'PLUGIN_HOST_DATA'},
  logLevel: {
    doc: 'Least severe line of the server’s own log that is written',
    format: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    env: 'PLUGIN_HOST_LOG_LEVEL',
  },
  http: {
    host: {doc: 'Address to listen on', format: String, default: '127.0.0.1', env: 'PLUGIN_HOST_HTTP_HOST'},
    port: {doc: 'TCP port; 0 takes a free one', format: 'port', default: 5050, env: 'PLUGIN_HOST_HTTP_PORT'},
    tlsCert: {
      doc: 'PEM file of the certificate chain; with tlsKey turns TLS on',
      format: String,
      default: '',
      env: 'PLUGIN_HOST_TLS_CERT',
    },
    tlsKey: {doc: 'PEM file of the private key', format: String, default: '', env: 'PLUGIN_HOST_TLS_KEY'},
    bodyBytes: {doc: 'Largest JSON body, bytes', format: 'nat', default: 1024 * 1024},
    headerTimeoutMs: {doc: 'Time for the headers of a request, milliseconds', format: 'nat', default: 10_000},
    requestTimeoutMs: {doc: 'Time for the body of a request, milliseconds', format: 'nat', default: 30_000},
    uploadTimeoutMs: {doc: 'Time for the body of an upload, milliseconds', format: 'nat', default: 600_000},
    keepAliveMs: {doc: 'Idle time after which a connection is closed, milliseconds', format: 'nat', default: 65_000},
    maxConnections: {doc: 'Connections open at once', format: 'nat', default: 1024},
    authFailuresPerMinute: {
      doc: 'Refused tokens from one address in a minute before it gets 429',
      format: 'nat',
      default: 10,
    },
  },
  bundle: {
    maxBytes: {doc: 'Largest bundle, bytes', format: 'nat', default: 64 * 1024 * 1024},
    maxEntries: {doc: 'Entries in a bundle', format: 'nat', default: 10_000},
    maxUnpackedBytes: {doc: 'All entries unpacked, bytes', format: 'nat', default: 512 * 1024 * 1024},
    maxFileBytes: {doc: 'One entry unpacked, bytes', format: 'nat', default: 256 * 1024 * 1024},
    maxRatio: {doc: 'Unpacked to packed size of a bundle that unpacks to over 10 MiB', format: 'nat', default: 100},
    keepVersions: {doc: 'Versions of a plugin kept for rolling back', format: 'nat', default: 3},
    dropSettleMs: {
      doc: 'Time a file in the drop folder must stay unchanged before it is installed, milliseconds',
      format: 'nat',
      default: 1000,
    },
  },
  process: {
    pingIntervalMs: {doc: 'Idle time after which a process is pinged, milliseconds', format: 'nat', default: 5000},
    pingMisses: {doc: 'Unanswered pings in a row after which a process is ended', format: 'nat', default: 3},
    cancelGraceMs: {
      doc: 'Time a cancelled call has to end before its process is ended, milliseconds',
      format: 'nat',
      default: 5000,
    },
    drainMs: {doc: 'Time a stopping process has to finish its calls, milliseconds', format: 'nat', default: 10_000},
    terminateMs: {doc: 'Time between SIGTERM and SIGKILL, milliseconds', format: 'nat', default: 5000},
    writeStuckMs: {
      doc: 'Time a write to a process may be stuck before it counts as unhealthy, milliseconds',
      format: 'nat',
      default: 10_000,
    },
    queueMessages: {doc: 'Messages waiting to be written to one process', format: 'nat', default: 4096},
    queueBytes: {doc: 'Bytes waiting to be written to one process', format: 'nat', default: 64 * 1024 * 1024},
    memoryCheckMs: {doc: 'How often resident memory is looked at, milliseconds', format: 'nat', default: 1000},
    progressCapMs: {doc: 'How far progress may extend a deadline, milliseconds', format: 'nat', default: 600_000},
    logLinesPerSecond: {
      doc: 'Log lines of one plugin kept in a second; more are counted, not kept',
      format: 'nat',
      default: 1000,
    },
    logFileBytes: {
      doc: 'Size at which a plugin’s log file is rotated, bytes',
      format: 'nat',
      default: 10 * 1024 * 1024,
    },
    logFiles: {doc: 'Log files kept for a plugin', format: 'nat', default: 5},
  },
  restart: {
    baseMs: {doc: 'First wait after a crash, milliseconds; doubled each time', format: 'nat', default: 250},
    capMs: {doc: 'Longest wait after a crash, milliseconds', format: 'nat', default: 60_000},
    jitter: {doc: 'Part of the wait that is random, 0 to 1', format: Number, default: 0.2},
    resetMs: {doc: 'Healthy time after which crashes are forgotten, milliseconds', format: 'nat', default: 300_000},
    parkCrashes: {doc: 'Crashes within parkWindowMs after which a plugin is parked', format: 'nat', default: 5},
    parkWindowMs: {doc: 'Window of parkCrashes, milliseconds', format: 'nat', default: 300_000},
    probeMs: {
      doc: 'Waits before the probes of a parked plugin, milliseconds; the last repeats',
      format: Array,
      default: [300_000, 600_000, 1_200_000, 3_600_000],
    },
    perSecond: {doc: 'Restarts of all plugins in a second', format: 'nat', default: 10},
  },
  swap: {
    probationMs: {doc: 'Time a new version is watched after a swap, milliseconds', format: 'nat', default: 60_000},
    drainMs: {
      doc: 'Time calls in flight on the version before have to finish, milliseconds',
      format: 'nat',
      default: 3_600_000,
    },
    minCalls: {doc: 'Calls before its failures can take a new version back', format: 'nat', default: 20},
    failedShare: {
      doc: 'Share of failed calls above which a new version is taken back, 0 to 1',
      format: Number,
      default: 0.5,
    },
  },
  upgrade: {
    migrateMs: {
      doc: 'Time a new version has to migrate one configuration, milliseconds',
      format: 'nat',
      default: 30_000,
    },
    rehearsalMs: {
      doc: 'Time one rehearsal may take; what is left is skipped, milliseconds',
      format: 'nat',
      default: 300_000,
    },
  },
  execution: {
    maxDeadlineMs: {doc: 'Longest deadline a caller may ask for, milliseconds', format: 'nat', default: 3_600_000},
    keep: {doc: 'Executions kept', format: 'nat', default: 100_000},
    keepDays: {doc: 'Days an execution is kept; 0 for no limit', format: 'nat', default: 90},
    retryMax: {doc: 'Attempts after the first, when the manifest names none', format: 'nat', default: 2},
    verifyMs: {
      doc: 'Time a plugin has to tell whether a timed out action was done, milliseconds',
      format: 'nat',
      default: 10_000,
    },
    keyHours: {doc: 'Time an idempotency key gives back its first outcome, hours', format: 'nat', default: 24},
    queueAtOnce: {doc: 'Accepted executions run at once', format: 'nat', default: 64},
    queueLimit: {doc: 'Accepted executions that may wait; more are refused', format: 'nat', default: 100_000},
    queueMaxAgeMs: {
      doc: 'Time an accepted execution may wait for a plugin that cannot take it, milliseconds; then it has failed',
      format: 'nat',
      default: 86_400_000,
    },
    artifactBytes: {
      doc: 'All files one execution may make, bytes',
      format: 'nat',
      default: 256 * 1024 * 1024,
    },
  },
  workflow: {
    eventDays: {
      doc: 'Time events and the runs of rules are kept, days; 7 at least, as the id of an event tells a second delivery',
      format: 'nat',
      default: 30,
    },
    scenarioWaitMs: {
      doc: 'Time a scenario may take before it is answered while it still runs, milliseconds',
      format: 'nat',
      default: 10_000,
    },
  },
  mainServer: MAIN_SERVER_SETTINGS,
  stopTimeoutMs: {doc: 'Time the whole server has to stop, milliseconds', format: 'nat', default: 30_000},
} as const

type Leaf = {doc: string; format: unknown; default: unknown}
type Value<T> = T extends string
  ? string
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : T extends readonly number[]
        ? number[]
        : T
type Settings<T> = {[K in keyof T]: T[K] extends Leaf ? Value<T[K]['default']> : Settings<T[K]>}

/** All settings, parsed once and frozen; `dataFolder` is absolute. */
export type Config = Settings<typeof SCHEMA>

type Partly<T> = {[K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : T[K] extends object ? Partly<T[K]> : T[K]}
/** Settings given by hand; the rest are defaults or environment. */
export type ConfigInput = Partly<Config>

/** Defaults, then the settings file, then the environment, then `settings`. An unknown key is an error. Throws HOST_CONFIG_INVALID. */
export function loadConfig(settings: ConfigInput = {}, env: NodeJS.ProcessEnv = {}, file?: string): Config {
  try {
    const source = convict(SCHEMA as unknown as convict.Schema<Config>, {env: listGiven(env, settings), args: []})
    if (file) readFile(source, file)
    source.load(settings as Config)
    source.validate({allowed: 'strict'})
    const properties = source.getProperties() as Config
    // Processes are told of folders in it, and their own working folder is another.
    return freeze({...properties, dataFolder: resolve(properties.dataFolder)})
  } catch (error) {
    throw new HostError('HOST_CONFIG_INVALID', {reason: (error as Error).message}, error)
  }
}

function readFile(source: convict.Config<Config>, file: string): void {
  try {
    source.loadFile(file)
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, {cause: error})
  }
}

/**
 * The variables that count: an empty one says nothing, and convict would let any of them win over what is set by hand.
 */
function listGiven(env: NodeJS.ProcessEnv, settings: ConfigInput): NodeJS.ProcessEnv {
  const named = listSettings().filter(({key}) => find(settings, key) === undefined)
  return Object.fromEntries(named.flatMap(({env: name = ''}) => (env[name] ? [[name, env[name]]] : [])))
}

function find(settings: object, key: string): unknown {
  return key.split('.').reduce<unknown>((node, part) => Object(node)[part], settings)
}

/** Every setting as a flat row, for `--help`, the docs and their test. */
export function listSettings(
  node: object = SCHEMA,
  path: string[] = [],
): {key: string; doc: string; default: unknown; env?: string}[] {
  return Object.entries(node).flatMap(([name, value]) =>
    'doc' in value && typeof value.doc === 'string'
      ? [{key: [...path, name].join('.'), doc: value.doc, default: value.default, ...(value.env && {env: value.env})}]
      : listSettings(value, [...path, name]),
  )
}

function freeze<T extends object>(value: T): T {
  for (const child of Object.values(value)) if (typeof child === 'object' && child !== null) freeze(child)
  return Object.freeze(value)
}
