import {EFFECT_OPS, type Effect, type EffectOp, type JsonObject} from '../../runtime/protocol.ts'
import {HostError} from '../errors.ts'
import type {EffectContext, MainServer} from '../main-server/main-server.ts'
import type {JsonSchema} from '../manifest.ts'
import {type Check, compileSchema, type Problem} from '../schema.ts'
import type {AppliedEffect} from '../types.ts'
import {toWireError} from './wire-error.ts'

export interface EffectOptions {
  mainServer: MainServer
  context: EffectContext
  /** Permissions of the manifest. */
  granted: readonly EffectOp[]
  /** A dry run: they are only shown. */
  show: boolean
}

const id = {type: 'string', minLength: 1, maxLength: 512}
const shape = (op: EffectOp, properties: JsonObject, optional: JsonObject = {}): JsonSchema => ({
  type: 'object',
  properties: {op: {const: op}, ...properties, ...optional},
  required: ['op', ...Object.keys(properties)],
  additionalProperties: false,
})
const SHAPES: {[op in EffectOp]: JsonSchema} = {
  'request.update': shape('request.update', {request: id, fields: {type: 'object'}}),
  'request.note': shape('request.note', {request: id, text: {type: 'string'}}, {public: {type: 'boolean'}}),
  'request.create': shape('request.create', {fields: {type: 'object'}}),
  'request.attach': shape('request.attach', {request: id, artifact: {type: 'string', minLength: 1, maxLength: 128}}),
  'asset.upsert': shape('asset.upsert', {asset: {type: 'object'}}),
  'asset.update': shape('asset.update', {asset: id, fields: {type: 'object'}}),
  'user.upsert': shape('user.upsert', {user: {type: 'object'}}),
}

const checks = new Map<EffectOp, Check>()

/** What is wrong with the effects of an answer; compiled when the first plugin has such an effect. */
export function checkEffects(effects: unknown): Problem[] {
  if (!Array.isArray(effects)) return [{pointer: '', message: 'must be a list'}]
  return effects.flatMap((effect: unknown, index) =>
    checkEffect(effect).map(({pointer, message}) => ({pointer: `/${index}${pointer}`, message})),
  )
}

function checkEffect(effect: unknown): Problem[] {
  const {op} = Object(effect) as {op?: unknown}
  const known = EFFECT_OPS.find(each => each === op)
  if (!known) return [{pointer: '/op', message: `must be one of ${EFFECT_OPS.join(', ')}`}]
  const check = checks.get(known) ?? compileSchema(SHAPES[known])
  checks.set(known, check)
  return check(effect)
}

/** One after the other, in the plugin's order. A failing one is told and does not hold up the rest. Never rejects. */
export async function applyEffects(effects: readonly Effect[], options: EffectOptions): Promise<AppliedEffect[]> {
  const applied: AppliedEffect[] = []
  for (const effect of effects) applied.push(await applyEffect(effect, options))
  return applied
}

async function applyEffect(effect: Effect, options: EffectOptions): Promise<AppliedEffect> {
  const {mainServer, context, granted, show} = options
  const {op} = effect
  if (!granted.includes(op)) {
    return {effect, status: 'denied', error: toWireError(new HostError('EFFECT_DENIED', {op, id: context.plugin}))}
  }
  if (show) return {effect, status: 'shown'}
  try {
    return {effect, status: 'applied', result: await mainServer.applyEffect(effect, context)}
  } catch (error) {
    return {effect, status: 'failed', error: toWireError(error)}
  }
}
