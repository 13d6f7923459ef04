import {Type} from 'typebox'
import type {
  Attachment as AttachmentType,
  FieldInfo as FieldInfoType,
  FieldType,
  MainRecord,
  MainServerStatus as MainServerStatusType,
  Module,
  Note as NoteType,
  Page,
} from '../api.ts'
import {AnyObject, describe, oneOf, refer, strict, Time} from './shape.ts'

export const MODULE_NAMES = ['request', 'asset', 'user'] as const satisfies readonly Module[]
const FIELD_TYPES = [
  'text',
  'number',
  'boolean',
  'date',
  'choice',
  'tags',
  'user',
] as const satisfies readonly FieldType[]

export const ModuleName = oneOf(MODULE_NAMES, 'Kind of records')

export const MainRecordSchema = Type.Unsafe<MainRecord>({
  $id: 'MainRecord',
  type: 'object',
  description: 'A request, an asset or a user; its fields are in the catalogue of its module',
  required: ['id'],
  properties: {id: {type: 'string'}},
  additionalProperties: true,
})

export const RecordPage = describe<Page>()(
  Type.Object(
    {
      items: Type.Array(refer<MainRecord>('MainRecord')),
      total: Type.Number({description: 'How many fit, on all pages'}),
    },
    {$id: 'RecordPage'},
  ),
)

export const RecordQuery = strict({
  text: Type.Optional(Type.String({maxLength: 500, description: 'Words looked for in any text'})),
  where: Type.Optional(
    Type.String({maxLength: 10_000, description: 'A JSON object: exact values by field id or label'}),
  ),
  limit: Type.Optional(Type.Integer({minimum: 1, maximum: 1000, default: 100})),
  offset: Type.Optional(Type.Integer({minimum: 0, maximum: 1_000_000, default: 0})),
})

export const RecordFields = {...AnyObject, description: 'Values by field id or label; custom ones also below `fields`'}

export const Note = describe<NoteType>()(
  Type.Object(
    {
      author: Type.String(),
      text: Type.String(),
      public: Type.Boolean({description: 'Seen by the requester too'}),
      at: Time,
    },
    {$id: 'Note'},
  ),
)

export const NoteCreate = strict({
  text: Type.String({minLength: 1, maxLength: 100_000}),
  public: Type.Optional(Type.Boolean()),
})

export const Attachment = describe<AttachmentType>()(
  Type.Object(
    {id: Type.String(), name: Type.String(), type: Type.String(), bytes: Type.Number(), at: Time},
    {$id: 'Attachment'},
  ),
)

export const FieldInfo = describe<FieldInfoType>()(
  Type.Object(
    {
      id: Type.String(),
      label: Type.String(),
      aliases: Type.Optional(Type.Array(Type.String())),
      type: oneOf(FIELD_TYPES),
      path: Type.Array(Type.String(), {description: 'Keys that lead to its value in a record'}),
      required: Type.Boolean(),
      systemManaged: Type.Boolean({description: 'Not editable by people: the right place for a plugin’s output'}),
      readOnly: Type.Boolean(),
      choices: Type.Optional(Type.Array(Type.String())),
    },
    {$id: 'FieldInfo'},
  ),
)

export const FieldCreate = strict({
  label: Type.String({minLength: 1, maxLength: 200}),
  type: oneOf(FIELD_TYPES),
  choices: Type.Optional(
    Type.Array(Type.String({minLength: 1, maxLength: 200}), {minItems: 1, maxItems: 1000, description: 'Of a choice'}),
  ),
  required: Type.Optional(Type.Boolean()),
  systemManaged: Type.Optional(Type.Boolean()),
})

export const MainServerStatus = describe<MainServerStatusType>()(
  Type.Object(
    {
      kind: oneOf(['desk', 'rest']),
      url: Type.Unsafe<string | null>({anyOf: [{type: 'string'}, {type: 'null'}]}),
      ok: Type.Boolean(),
      message: Type.String(),
      drift: Type.Array(
        Type.Object({
          module: ModuleName,
          field: Type.String(),
          change: oneOf(['added', 'removed', 'changed']),
          detail: Type.String(),
        }),
      ),
      rateLimitRemaining: Type.Unsafe<number | null>({anyOf: [{type: 'number'}, {type: 'null'}]}),
    },
    {$id: 'MainServerStatus'},
  ),
)
