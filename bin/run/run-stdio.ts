import type {PluginSource} from '../../host/index.ts'
import type {Printer} from '../print.ts'
import type {Result} from '../verb.ts'

/** The plugin's raw JSON-RPC on this terminal: stdin and stdout are its wire, stderr what it prints. */
export async function runStdio(source: PluginSource, print: Printer, signal: AbortSignal): Promise<Result> {
  const {bridgeStdio, withPluginWire} = await import('../../host/index.ts')
  const onWarning = (text: string): void => print.note(`${print.style('yellow', 'warning')} ${text}`)
  const exitCode = await withPluginWire(source, {signal, onWarning}, async ({start}) =>
    bridgeStdio(await start(), process, signal),
  )
  return {data: undefined, text: '', exitCode: signal.aborted ? Number(process.exitCode ?? 1) : exitCode}
}
