import {type FileHandle, mkdir, open, readdir, rm} from 'node:fs/promises'
import {join} from 'node:path'
import type {ArtifactParams} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import {compileSchema, formatProblems} from '../schema.ts'
import type {ArtifactRow} from '../store/artifacts.ts'
import type {Store} from '../store/open-store.ts'
import {type RunningExecution, type RunningExecutions, storeRunning} from './running.ts'

/** No separators, no leading dot, nothing a file system reads in its own way (`con`, a trailing dot, `a:b`). */
const NAME = '^(?!(?:[cC][oO][nN]|[pP][rR][nN]|[aA][uU][xX]|[nN][uU][lL]|(?:[cC][oO][mM]|[lL][pP][tT])[0-9])(?:\\.|$))'
const check = compileSchema({
  type: 'object',
  required: ['execution', 'name', 'type', 'data', 'last'],
  properties: {
    execution: {type: 'string', maxLength: 100},
    name: {type: 'string', pattern: `${NAME}[A-Za-z0-9_-](?:[A-Za-z0-9._ -]{0,126}[A-Za-z0-9_-])?$`},
    type: {type: 'string', maxLength: 200, pattern: '^[a-z0-9.+-]+/[a-z0-9.+-]+(; ?[a-z]+=[A-Za-z0-9"._-]+)*$'},
    data: {type: 'string', pattern: '^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$'},
    last: {type: 'boolean'},
  },
})

export interface ArtifactParts {
  folder: string
  store: Pick<Store, 'executions' | 'artifacts'>
  running: RunningExecutions
  /** All files of one execution, bytes. */
  maxBytes: number
}

interface OpenFile {
  name: string
  path: string
  bytes: number
  opened: Promise<FileHandle>
  /** All parts so far; each one waits for those before it. */
  written: Promise<unknown>
  /** The last part has come. */
  closed: boolean
  /** It is in the store. */
  kept: boolean
}

/** The files executions make, below one folder. */
export class ArtifactFiles {
  readonly #parts: ArtifactParts
  /** By execution, then by name in lower case: some file systems take `A` for `a`. */
  readonly #open = new Map<string, Map<string, OpenFile>>()

  constructor(parts: ArtifactParts) {
    this.#parts = parts
  }

  /** Appends a part; resolves when it is written, and after the last part when the file is on the disk. */
  async append(plugin: string, params: unknown): Promise<{bytes: number}> {
    const problems = check(params)
    if (problems.length > 0) throw new HostError('INPUT_INVALID', {reason: formatProblems(problems), problems})
    const {execution: id, name, type, data, last} = params as ArtifactParams
    const current = this.#parts.running.findOf(plugin, id)
    const bytes = Buffer.from(data, 'base64')
    this.#checkSize(id, name, bytes.length)
    const file = this.#findFile(id, name)
    file.bytes += bytes.length
    file.closed = last
    const size = file.bytes
    file.written = file.written.then(async () => {
      await (await file.opened).appendFile(bytes)
      if (last) await this.#keep(current, file, type)
    })
    try {
      await file.written
      return {bytes: size}
    } catch (error) {
      if (error instanceof HostError) throw error
      throw new HostError('HOST_STORE_FAILED', {reason: (error as Error).message}, error)
    }
  }

  /** When the execution has ended: files without a last part are removed. */
  async close(execution: string): Promise<void> {
    const files = this.#open.get(execution)
    if (!files) return
    this.#open.delete(execution)
    for (const file of files.values()) {
      await file.written.catch(() => {})
      const handle = await file.opened.catch(() => undefined)
      // Never opened means never made, or made by somebody else.
      if (!handle) continue
      await handle.close()
      if (!file.kept) await rm(file.path, {force: true})
    }
  }

  /** Before another attempt: all files are removed, finished ones too, and those that a server before this one has left. */
  async discard(execution: string, {isLeft = false}: {isLeft?: boolean} = {}): Promise<void> {
    if (!isLeft && !this.#open.has(execution)) return
    await this.close(execution)
    await this.#parts.store.artifacts.clear(execution)
    await this.remove([execution])
  }

  find(execution: string, name: string): ArtifactRow {
    const row = this.#parts.store.artifacts.find(execution, name)
    if (!row) throw new HostError('ARTIFACT_NOT_FOUND', {execution, name})
    return row
  }

  async remove(executions: readonly string[]): Promise<void> {
    for (const execution of executions) {
      await rm(join(this.#parts.folder, execution), {recursive: true, force: true})
    }
  }

  /** At the start: folders of executions that have no file in the store, left by a crash. */
  async sweep(): Promise<void> {
    const known = new Set(this.#parts.store.artifacts.listExecutions())
    const found = await readdir(this.#parts.folder).catch(() => [])
    await this.remove(found.filter(name => !known.has(name)))
  }

  async #keep(running: RunningExecution, file: OpenFile, type: string): Promise<void> {
    const {execution} = running
    const {name, path, bytes} = file
    const handle = await file.opened
    await handle.sync()
    await handle.close()
    await storeRunning(running, this.#parts.store)
    await this.#parts.store.artifacts.commit({execution: execution.execution, name, type, bytes, path})
    file.kept = true
    execution.artifacts.push({name, type, bytes})
  }

  #findFile(execution: string, name: string): OpenFile {
    const files = this.#open.get(execution) ?? new Map<string, OpenFile>()
    this.#open.set(execution, files)
    const known = files.get(name.toLowerCase())
    if (known && (known.closed || known.name !== name)) {
      throw new HostError('INPUT_INVALID', {reason: `/name "${name}" is taken by a finished file`})
    }
    const file = known ?? createFile(this.#parts.folder, execution, name)
    files.set(name.toLowerCase(), file)
    return file
  }

  #checkSize(execution: string, name: string, more: number): void {
    const {maxBytes} = this.#parts
    const total = [...(this.#open.get(execution)?.values() ?? [])].reduce((sum, file) => sum + file.bytes, more)
    if (total <= maxBytes) return
    const reason = `/data of "${name}" makes the files of this execution larger than ${maxBytes} bytes`
    throw new HostError('INPUT_INVALID', {reason})
  }
}

function createFile(folder: string, execution: string, name: string): OpenFile {
  const path = join(folder, execution, name)
  const made = mkdir(join(folder, execution), {recursive: true, mode: 0o700})
  const opened = made.then(() => open(path, 'wx', 0o600))
  return {name, path, bytes: 0, opened, written: opened, closed: false, kept: false}
}
