import type {Outcome, ThrowAwayPlugin} from '../../host/index.ts'

/** One plugin at a prompt. */
export interface DebugSession {
  plugin: ThrowAwayPlugin
  /** Made by --config, or by the command `config`. */
  registration: string | null
  frames: {shown: boolean}
  /** Of all calls so far. */
  outcomes: Outcome[]
}

/** What a command came to. */
export interface DebugAnswer {
  data: unknown
  text: string
  /** The plugin said no. */
  failed?: boolean
}

export interface DebugCommand {
  /** What follows its name. */
  usage: string
  summary: string
  run(session: DebugSession, rest: string, signal: AbortSignal): Promise<DebugAnswer> | DebugAnswer
}
