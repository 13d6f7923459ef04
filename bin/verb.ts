import type {Command} from 'commander'
import type {Printer} from './print.ts'

/** What a verb came to. It is printed once, as `data` with --json, else as `text`. */
export interface Result {
  /** undefined where nothing is left to say. */
  data: unknown
  text: string
  /** 0 done (the default), 1 the plugin or the server said no, 2 wrong use or bad bundle; or another program's own. */
  exitCode?: number
}

export interface Call<Arguments extends readonly unknown[], Options extends object> {
  arguments: Arguments
  options: Options
  print: Printer
  /** Aborted by Ctrl-C and SIGTERM. */
  signal: AbortSignal
}

/** One word of the command line. What is heavy is imported in `run`, so that `--help` stays fast. */
export interface Verb<Arguments extends readonly unknown[] = readonly unknown[], Options extends object = object> {
  /** Declares arguments and options; `--json` is there already. */
  declare(command: Command): void
  /** undefined when it has printed everything itself, line by line. */
  run(call: Call<Arguments, Options>): Promise<Result | undefined>
}
