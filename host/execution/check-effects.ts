import {EFFECT_OPS, type EffectOp, type JsonObject} from '../../runtime/protocol.ts'
import type {JsonSchema} from '../manifest.ts'
import {type Check, compileSchema, type Problem} from '../schema.ts'

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
