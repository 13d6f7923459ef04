import {type Logger, pino} from 'pino'

export type Log = Logger

/** The server's own log: JSON lines on stderr, so that stdout stays free for what a command prints. */
export function createLog(level: string): Log {
  return pino({level, base: null, timestamp: pino.stdTimeFunctions.isoTime}, pino.destination({fd: 2, sync: false}))
}
