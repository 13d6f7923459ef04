/** argv -> one verb -> exit code. No top-level await: the launcher loads this with require(). */
import {runCommandLine} from './command-line.ts'

const INTERRUPTED = {SIGINT: 130, SIGTERM: 143, SIGHUP: 129} as const
// One Ctrl-C can arrive twice: from the terminal, and passed on by npm.
const SAME_SIGNAL_MS = 300

function main(): void {
  const controller = new AbortController()
  let firstAt: number | undefined
  for (const signal of Object.keys(INTERRUPTED) as (keyof typeof INTERRUPTED)[]) {
    process.on(signal, () => {
      if (firstAt !== undefined && performance.now() - firstAt > SAME_SIGNAL_MS) process.exit(INTERRUPTED[signal])
      firstAt ??= performance.now()
      controller.abort(new Error(signal))
      process.exitCode = INTERRUPTED[signal]
    })
  }
  if (process.env.PLUGIN_HOST_LAUNCHED) followLauncher(controller)
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe)

  void runCommandLine(process.argv.slice(2), controller.signal).then(exitCode => {
    process.exitCode = exitCode
  })
}

/** The launcher's end of this channel closes when it is gone, even by SIGKILL. */
function followLauncher(controller: AbortController): void {
  delete process.env.PLUGIN_HOST_LAUNCHED
  process.once('disconnect', () => controller.abort(new Error('SIGHUP')))
  process.channel?.unref()
}

/** `plugin-host list | head -1`: the reader has what it wanted. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error
  process.exit()
}

main()
