import {appendFile, mkdir, rename, rm, stat} from 'node:fs/promises'
import {join} from 'node:path'
import type {Clock} from './clock.ts'

/** A log file that is rotated by size: `<name>.jsonl`, then `.1`, `.2`, ... A full disk loses lines, nothing else. */
export interface LogFile {
  append(line: string): void
  close(): Promise<void>
  remove(): Promise<void>
}

/** Lines are gathered for this long and written together; memory for them is bounded. */
const GATHER_MS = 200
const GATHER_BYTES = 4 * 1024 * 1024

export function createLogFile(
  folder: string,
  name: string,
  {maxBytes, files, clock}: {maxBytes: number; files: number; clock: Clock},
): LogFile {
  const path = join(folder, `${name}.jsonl`)
  const numbered = (index: number): string => (index === 0 ? path : `${path}.${index}`)
  let gathered = ''
  let writing: Promise<void> = Promise.resolve()
  let size: number | undefined
  let cancel: (() => void) | undefined
  let closed = false

  function write(): void {
    cancel = undefined
    const text = gathered
    gathered = ''
    writing = writing.then(() => appendText(text)).catch(() => {})
  }

  async function appendText(text: string): Promise<void> {
    await mkdir(folder, {recursive: true, mode: 0o700})
    size ??= await stat(path).then(
      found => found.size,
      () => 0,
    )
    if (size > 0 && size + text.length > maxBytes) {
      for (let index = files - 1; index > 0; index--) await rename(numbered(index - 1), numbered(index)).catch(() => {})
      size = 0
    }
    await appendFile(path, text, {mode: 0o600})
    size += Buffer.byteLength(text)
  }

  async function close(): Promise<void> {
    closed = true
    cancel?.()
    if (gathered !== '') write()
    await writing
  }

  return {
    append(line) {
      if (closed || gathered.length > GATHER_BYTES) return
      gathered += `${line}\n`
      cancel ??= clock.after(GATHER_MS, write)
    },
    close,
    async remove() {
      await close()
      await Promise.all(Array.from({length: files}, (_, index) => rm(numbered(index), {force: true})))
    },
  }
}
