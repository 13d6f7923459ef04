import {fork} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import type {Subject} from './subject.ts'

const CHILD = join(import.meta.dirname, 'children/forked.cjs')

/** Node's own channel between processes, with its default JSON messages. */
export async function startForked(): Promise<Subject> {
  const child = fork(CHILD)
  const waiting = new Map<number, (result: unknown) => void>()
  let nextId = 0
  child.on('message', ({id, result}: {id: number; result: unknown}) => {
    waiting.get(id)?.(result)
    waiting.delete(id)
  })
  await once(child, 'spawn')
  return {
    call: params =>
      new Promise(resolve => {
        const id = nextId++
        waiting.set(id, resolve)
        child.send({id, params})
      }),
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
