import {Type} from 'typebox'
import type {MappedRequest} from '../api.ts'
import {MODES} from './execution.ts'
import {AnyJson, AnyObject, oneOf, strict} from './shape.ts'

export const ExecuteBody = strict({
  input: Type.Optional(AnyJson),
  mapping: Type.Optional(
    Type.String({minLength: 1, description: 'Makes the input of the record, in place of `input`'}),
  ),
  record: Type.Optional(
    Type.Unsafe<MappedRequest['record']>({
      anyOf: [{type: 'string', minLength: 1}, AnyObject],
      description: '`request:12`, read from the main server, or the record itself',
    }),
  ),
  old: Type.Optional({...AnyObject, description: 'The record as it was'}),
  mode: Type.Optional(oneOf(MODES, 'live when left out')),
  deadlineMs: Type.Optional(
    Type.Integer({minimum: 1, maximum: 2 ** 31 - 1, description: 'The action’s own timeout when left out'}),
  ),
})

export const ExecuteHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({minLength: 1, maxLength: 255, description: 'The same key gives back the first outcome'}),
  ),
  prefer: Type.Optional(
    Type.String({
      description: '`respond-async`: answered when accepted; it will be run, also after a crash of the server',
    }),
  ),
  traceparent: Type.Optional(Type.String({description: 'W3C trace context, handed on to the plugin'})),
})
