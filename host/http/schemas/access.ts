import {Type} from 'typebox'
import type {
  AuditEntry as AuditEntryType,
  AuditReport as AuditReportType,
  BackupFile as File,
  TokenInfo,
} from '../api.ts'
import {AnyObject, describe, strict, Time} from './shape.ts'

const NullableTime = Type.Unsafe<number | null>({type: ['number', 'null'], description: 'Milliseconds since 1970'})

const tokenKeys = {
  id: Type.String(),
  name: Type.String(),
  scopes: Type.Array(Type.String()),
  createdAt: Time,
  expiresAt: NullableTime,
  lastUsedAt: NullableTime,
  active: Type.Boolean({description: 'false once it has expired'}),
}
export const Token = {...describe<TokenInfo>()(Type.Object(tokenKeys)), $id: 'TokenInfo'}

export const NewToken = {
  ...Type.Unsafe<TokenInfo & {token: string}>(
    Type.Object({...tokenKeys, token: Type.String({description: 'The bearer token; it is never shown again'})}),
  ),
  $id: 'NewToken',
}

export const TokenCreate = strict({
  name: Type.String({minLength: 1, maxLength: 64}),
  scopes: Type.Array(Type.String({minLength: 1, maxLength: 200}), {
    minItems: 1,
    maxItems: 64,
    description: 'admin, operate, map, read, execute, execute:<plugin>, execute:<registration>',
  }),
  expiresAt: Type.Optional(Type.Integer({minimum: 1, description: 'Milliseconds since 1970; never when left out'})),
})

export const TokenRotation = strict({
  graceMs: Type.Optional(
    Type.Integer({minimum: 0, maximum: 30 * 24 * 3_600_000, description: 'Time the old one goes on working; one day'}),
  ),
})

export const AuditEntry = {
  ...describe<AuditEntryType>()(
    Type.Object({
      seq: Type.Integer(),
      at: Time,
      who: Type.String(),
      action: Type.String(),
      target: Type.String(),
      details: AnyObject,
      hash: Type.String({description: 'SHA-256 over this entry and the hash of the one before, hex'}),
    }),
  ),
  $id: 'AuditEntry',
}

export const AuditReport = {
  ...describe<AuditReportType>()(
    Type.Object({
      ok: Type.Boolean(),
      entries: Type.Integer({description: 'How many fit, from the first on'}),
      brokenAt: Type.Unsafe<number | null>({type: ['integer', 'null'], description: 'The first that does not fit'}),
      message: Type.String(),
      head: Type.Unsafe<string | null>({type: ['string', 'null'], description: 'Hash of the last entry'}),
    }),
  ),
  $id: 'AuditReport',
}

const backupKeys = {
  name: Type.String(),
  path: Type.String({description: 'On the server'}),
  bytes: Type.Integer(),
  createdAt: Time,
}
export const BackupFile = {...describe<File>()(Type.Object(backupKeys)), $id: 'BackupFile'}

export const BackupReport = {
  ...Type.Unsafe<File & {sha256: string; files: number; tookMs: number}>(
    Type.Object({
      ...backupKeys,
      sha256: Type.String({description: 'Of the archive, hex'}),
      files: Type.Integer({description: 'How many are in it'}),
      tookMs: Type.Integer(),
    }),
  ),
  $id: 'BackupReport',
}
