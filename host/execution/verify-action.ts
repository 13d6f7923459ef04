import {type Json, METHODS, type VerifyParams, type VerifyResult} from '../../runtime/protocol.ts'
import {CallController, type CallSignal} from '../call-signal.ts'
import type {PreparedCall} from './prepare-call.ts'
import type {ExecutorParts} from './types.ts'

/** `output` is null unless the plugin gave one that fits the schema. */
export type Verified = {done: 'yes'; output: Json; message: string | undefined} | {done: 'no' | 'unknown'}

/** Asks the plugin whether a call that ran out of time was done. A plugin that cannot tell, or fails, is `unknown`. Never rejects. */
export async function verifyAction(call: PreparedCall, execution: string, parts: ExecutorParts): Promise<Verified> {
  try {
    return await askWhetherDone(call, {execution, signal: new CallController().signal}, parts)
  } catch {
    return {done: 'unknown'}
  }
}

/** Likewise; rejects as a call does. */
export async function askWhetherDone(
  call: PreparedCall,
  {execution, signal}: {execution: string; signal: CallSignal},
  parts: ExecutorParts,
): Promise<Verified> {
  const deadline = parts.clock.now() + parts.config.verifyMs
  const {plugin, id: registration} = call.registration
  const params: VerifyParams = {execution, registration, action: call.name, input: call.input, deadline}
  const options = {signal, deadline, execution, action: call.name}
  const {result} = await parts.callPlugin(plugin, METHODS.verify, params, options)
  const {done, output = null, message} = Object(result) as Partial<VerifyResult>
  if (done === 'no') return {done}
  if (done !== 'yes') return {done: 'unknown'}
  const fits = output !== null && call.checks.output(output).length === 0
  return {done, output: fits ? output : null, message: typeof message === 'string' ? message : undefined}
}
