import {closeSync, openSync, writeSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import type {TraceEntry} from '../host/index.ts'
import {Failure} from './failure.ts'

/** A file that takes every wire message, one JSON a line; what a crash cuts off is at most the last one. */
export interface TraceFile {
  write(direction: TraceEntry['direction'], message: unknown): void
  /** Why not everything could be written; undefined when it is whole. */
  close(): string | undefined
}

/** Made anew, and readable to its owner only: it holds what the plugin works on. */
export function openTraceFile(path: string): TraceFile {
  const file = openNew(path)
  let failure: Error | undefined
  return {
    write(direction, message) {
      if (failure !== undefined) return
      try {
        const line = Buffer.from(`${JSON.stringify({at: Date.now(), direction, message})}\n`)
        for (let sent = 0; sent < line.length; ) sent += writeSync(file, line, sent)
      } catch (error) {
        failure = error as Error
      }
    },
    close() {
      closeSync(file)
      return failure?.message
    },
  }
}

function openNew(path: string): number {
  try {
    return openSync(path, 'w', 0o600)
  } catch (error) {
    throw new Failure('USAGE', `Cannot write trace "${path}": ${(error as Error).message}`, 'Name another file')
  }
}

/** The entries of a trace. Throws a Failure that names the line that is none. */
export async function readTraceFile(path: string): Promise<TraceEntry[]> {
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new Failure('USAGE', `Cannot read trace "${path}": ${error.message}`)
  })
  const lines = text.split('\n').map((line, index) => ({line, number: index + 1}))
  const entries = lines.filter(({line}) => line.trim() !== '').map(({line, number}) => parseEntry(line, path, number))
  if (entries.some(({message}) => message.method === 'initialize')) return entries
  throw new Failure(
    'USAGE',
    `Cannot read trace "${path}": it has no initialize`,
    'Make one with "run ... --trace FILE"',
  )
}

function parseEntry(line: string, path: string, number: number): TraceEntry {
  const {at, direction, message} = Object(parse(line)) as Partial<TraceEntry>
  const known = direction === 'toPlugin' || direction === 'fromPlugin'
  if (typeof at === 'number' && known && typeof message === 'object' && message !== null)
    return {at, direction, message}
  throw new Failure('USAGE', `Cannot read trace "${path}": line ${number} is no {at, direction, message}`)
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
