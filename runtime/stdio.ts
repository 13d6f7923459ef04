/**
 * Keeps the wire apart from what a plugin prints. On POSIX the launcher has already done it: the wire is fd 3 and fd 1 is stderr.
 * Elsewhere stdout is the wire, and everything that would print to it from JavaScript is turned to stderr here, before plugin code loads.
 */
import fs from 'node:fs'
import {Socket} from 'node:net'
import type {Wire} from './connection.ts'

const LAST_PRINTS_MS = 500
/** What one read takes at most: as much as Node's own reads do. */
const READ_BYTES = 65_536

export function openWire(): Wire {
  const fd = Number(process.env.FP_WIRE_FD ?? 1)
  const output = fd === 1 ? takeStdout() : new Socket({fd, readable: false, writable: true})
  // The host is gone when the wire is: nothing is left to answer to.
  output.on('error', () => process.exit(0))
  const buffer = Buffer.allocUnsafe(READ_BYTES)
  let listener = (_bytes: Buffer): void => {}
  // Opened by hand: `process.stdin` would first load what it needs for terminals and files. One buffer for all that comes.
  const input = new Socket({
    fd: 0,
    readable: true,
    writable: false,
    onread: {
      buffer,
      callback(length) {
        listener(buffer.subarray(0, length))
        return true
      },
    },
  })
  input.on('end', leave)
  input.on('error', () => process.exit(0))
  return {
    onChunk(onChunk) {
      listener = onChunk
    },
    write: (text, done) => void (done ? output.write(text, 'utf8', done) : output.write(text, 'utf8')),
  }
}

/** The host closed the wire. What was printed may still be on its way; a host that does not read it holds nobody up for long. */
function leave(): void {
  const exit = (): void => process.exit(0)
  setTimeout(exit, LAST_PRINTS_MS)
  process.stderr.write('', exit)
}

function takeStdout(): NodeJS.WritableStream {
  const {stdout, stderr} = process
  const write = stdout.write.bind(stdout)
  stdout.write = stderr.write.bind(stderr)
  fs.writeSync = turnAside(fs.writeSync)
  fs.write = turnAside(fs.write)
  return Object.assign(Object.create(stdout) as NodeJS.WriteStream, {write})
}

/** The same function, but what it would write to fd 1 goes to fd 2. */
function turnAside<F extends (fd: number, ...rest: never[]) => unknown>(write: F): F {
  return new Proxy(write, {
    apply: (target, self, [fd, ...rest]: Parameters<F>) => Reflect.apply(target, self, [fd === 1 ? 2 : fd, ...rest]),
  })
}
