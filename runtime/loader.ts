/** The program a plugin process runs: `node loader.cjs <entry>`. Takes the wire, waits for `initialize`, loads the plugin, serves. */
import {createConnection, type Handlers} from './connection.ts'
import {METHODS} from './protocol.ts'
import {createSession} from './session.ts'
import {openWire} from './stdio.ts'

const entry = process.argv[2]
if (entry === undefined)
  throw new Error('Cannot start a plugin: no entry was given\nThis program is started by plugin-host')

const handlers: Handlers = {}
const connection = createConnection(openWire(), handlers)
const session = createSession(connection, entry, handlers)

Object.assign(handlers, {
  [METHODS.initialize]: session.initialize,
  [METHODS.ping]: session.ping,
  [METHODS.shutdown]: session.shutdown,
} as Handlers)
