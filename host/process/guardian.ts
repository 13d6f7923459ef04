import {platform} from 'node:process'
import {execa} from 'execa'

/** Ends plugin processes whose host is gone, even those in a busy loop that never see their stdin end. */
export interface Guardian {
  add(pid: number): void
  remove(pid: number): void
  close(): Promise<void>
}

/**
 * A shell that waits on a pipe from the host: when the pipe ends and nobody said goodbye, it kills every group it knows, and then every
 * process with the host's mark in its environment (what left its group by setsid). One small process per host, where a thread in each
 * plugin would cost memory and start time every time.
 */
const SCRIPT = `trap '' INT TERM HUP; pids=
while read -r op pid; do
  case $op in
    +) pids="$pids $pid" ;;
    -) left=; for p in $pids; do [ "$p" = "$pid" ] || left="$left $p"; done; pids=$left ;;
    q) exit 0 ;;
  esac
done
for p in $pids; do kill -KILL -- "-$p" 2>/dev/null; done
for f in $(grep -lsz "^FP_HOST=$1\\$" /proc/[0-9]*/environ); do p=\${f#/proc/}; kill -KILL "\${p%/environ}" 2>/dev/null; done`

export function startGuardian(hostMark: string): Guardian {
  if (platform === 'win32') return {add() {}, remove() {}, close: async () => {}}
  const known = new Set<number>()
  let closing = false
  let shell = spawn()

  function spawn() {
    const child = execa('/bin/sh', ['-c', SCRIPT, 'plugin-host-guardian', hostMark], {
      stdin: 'pipe',
      stdout: 'ignore',
      stderr: 'ignore',
      env: {PATH: process.env.PATH ?? '/usr/bin:/bin'},
      extendEnv: false,
      buffer: false,
      reject: false,
      detached: true,
      cleanup: false,
    })
    // An ended guardian is replaced; it must keep neither the host alive nor its crash from being seen.
    child.stdin.on('error', () => {})
    child.nodeChildProcess.once('exit', () => {
      if (closing) return
      shell = spawn()
      for (const pid of known) shell.stdin.write(`+ ${pid}\n`)
    })
    child.nodeChildProcess.unref()
    return child
  }

  return {
    add(pid) {
      known.add(pid)
      shell.stdin.write(`+ ${pid}\n`)
    },
    remove(pid) {
      known.delete(pid)
      shell.stdin.write(`- ${pid}\n`)
    },
    async close() {
      if (closing) return
      closing = true
      shell.nodeChildProcess.ref()
      shell.stdin.end('q\n')
      await shell
    },
  }
}
