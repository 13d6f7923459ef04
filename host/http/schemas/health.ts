import {Type} from 'typebox'
import type {Health as HealthType, Readiness as ReadinessType} from '../api.ts'
import {describe} from './shape.ts'

export const Health = describe<HealthType>()(
  Type.Object({status: Type.Literal('ok'), version: Type.String(), uptimeMs: Type.Number()}, {$id: 'Health'}),
)

export const Readiness = describe<ReadinessType>()(
  Type.Object({ready: Type.Boolean(), reasons: Type.Array(Type.String())}, {$id: 'Readiness'}),
)
