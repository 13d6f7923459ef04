import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {createMessageConnection, StreamMessageReader, StreamMessageWriter} from 'vscode-jsonrpc/node'
import type {Subject} from './subject.ts'

const CHILD = join(import.meta.dirname, 'children/stock-jsonrpc.cjs')

/** vscode-jsonrpc on both ends, as its own documentation sets it up. */
export async function startStockJsonRpc(): Promise<Subject> {
  const child = spawn(process.execPath, [CHILD], {stdio: ['pipe', 'pipe', 'inherit']})
  const connection = createMessageConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  )
  connection.listen()
  await once(child, 'spawn')
  return {
    call: params => connection.sendRequest('execute', params),
    async stop() {
      connection.dispose()
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}
