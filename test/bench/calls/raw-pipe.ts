import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import type {Subject} from './subject.ts'

const CHILD = join(import.meta.dirname, 'children/raw-pipe.cjs')

/** JSON texts on lines over the child's pipes, written and parsed by hand: no limit, no cancellation, no check. */
export function startRawPipe(): Promise<Subject & {pid: number}> {
  return startPipe(false)
}

/** The same with the child in a process group of its own, as each plugin is: what that alone costs. */
export function startRawPipeOwnGroup(): Promise<Subject> {
  return startPipe(true)
}

async function startPipe(detached: boolean): Promise<Subject & {pid: number}> {
  const child = spawn(process.execPath, [CHILD], {stdio: ['pipe', 'pipe', 'inherit'], detached})
  const waiting = new Map<number, (result: unknown) => void>()
  let nextId = 0
  let rest = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const {id, result} = JSON.parse(line) as {id: number; result: unknown}
      waiting.get(id)?.(result)
      waiting.delete(id)
    }
  })
  await once(child, 'spawn')
  return {
    pid: child.pid ?? 0,
    call: params =>
      new Promise(resolve => {
        const id = nextId++
        waiting.set(id, resolve)
        child.stdin.write(`${JSON.stringify({id, method: 'execute', params})}\n`)
      }),
    async stop() {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}
