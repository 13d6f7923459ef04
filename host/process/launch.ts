import {execPath, platform} from 'node:process'
import {execa} from 'execa'
import {listEnvironment, listNodeFlags} from './isolation.ts'
import type {LaunchSpec} from './types.ts'

export interface LaunchOptions {
  /** Absolute path of the runtime's one file. */
  loader: string
  /** Marks in the environment, by which a process is found again whatever it has become. */
  marks: {[name: string]: string}
}

export type Child = ReturnType<typeof launch>

/** On POSIX inside the child fd 3 is the wire and fd 1 is stderr, so nothing that is printed can reach the wire. No core files. */
const POSIX_LAUNCHER = 'ulimit -c 0; exec "$0" "$@" 3>&1 1>&2'

/** Spawns the child in a group of its own, with pipes only. Resolves nothing: the caller listens. */
export function launch(spec: LaunchSpec, {loader, marks}: LaunchOptions) {
  const [program, ...args] = listCommand(spec, loader)
  const posix = platform !== 'win32'
  const file = posix ? '/bin/sh' : program
  return execa(file, posix ? ['-c', POSIX_LAUNCHER, program, ...args] : args, {
    cwd: spec.dataFolder,
    env: listEnvironment(process.env, posix ? {...marks, FP_WIRE_FD: '3'} : marks),
    extendEnv: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    // The wire is read by us, byte by byte; the library must neither collect nor decode it.
    buffer: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
    detached: posix,
    cleanup: false,
    windowsHide: true,
  })
}

function listCommand(spec: LaunchSpec, loader: string): [string, ...string[]] {
  if ('command' in spec.program) {
    const [program = '', ...args] = spec.program.command.map(part => part.replaceAll('{bundle}', spec.bundleFolder))
    return [program, ...args]
  }
  return [execPath, ...listNodeFlags(spec, loader), loader, `${spec.bundleFolder}/${spec.program.entry}`]
}

/** Signals the whole group; false when none of it is left. */
export function killGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(platform === 'win32' ? pid : -pid, signal)
    return true
  } catch {
    return false
  }
}
