import {type Clock, systemClock} from '../../host/clock.ts'
import {type ConfigInput, loadConfig} from '../../host/config.ts'
import type {MainServer} from '../../host/main-server/main-server.ts'
import {openRest} from '../../host/main-server/rest/rest.ts'
import type {MainServerStatus} from '../../host/record-types.ts'
import {type ItsmServer, startItsmServer} from '../services/itsm-server/itsm-server.ts'
import {ACCOUNT} from '../services/itsm-server/tokens.ts'
import {deadline} from './deadline.ts'

export interface RestTest {
  server: ItsmServer
  rest: MainServer
  /** What was told of fields that changed. */
  drifts: MainServerStatus['drift'][]
}

const LIMIT_MS = 30_000

/** A main server by REST, with the contract server behind it. */
export function withRest(
  run: (test: RestTest) => Promise<void>,
  settings: ConfigInput['mainServer'] = {},
  clock: Clock = systemClock,
): Promise<void> {
  return deadline(LIMIT_MS, async () => {
    const server = await startItsmServer()
    const drifts: RestTest['drifts'] = []
    const given = settings.apiKey === undefined ? ACCOUNT : {}
    const config = loadConfig({mainServer: {kind: 'rest', url: `${server.url}/`, ...given, ...settings}})
    const {mainServer, close} = openRest(config.mainServer, {
      clock,
      onDrift: drift => void drifts.push(drift),
    })
    try {
      await run({server, rest: mainServer, drifts})
    } finally {
      close()
      await server.stop()
    }
  })
}
