import {AuditEntry, AuditReport, BackupFile, BackupReport, NewToken, Token} from './access.ts'
import {Execution, Outcome} from './execution.ts'
import {Health, Readiness} from './health.ts'
import {ExplainedInput} from './history.ts'
import {InstallResult, LogLine, PluginDetail, PluginSummary, SwapReport} from './plugin.ts'
import {Problem} from './problem.ts'
import {Attachment, FieldInfo, MainRecordSchema, MainServerStatus, Note, RecordPage} from './record.ts'
import {OptionsAnswer, Registration, TestReport} from './registration.ts'

/** The named schemas of the OpenAPI document. */
export const COMPONENTS = [
  AuditEntry,
  AuditReport,
  BackupFile,
  BackupReport,
  NewToken,
  Token,
  Attachment,
  Execution,
  ExplainedInput,
  FieldInfo,
  Health,
  InstallResult,
  LogLine,
  MainRecordSchema,
  MainServerStatus,
  Note,
  OptionsAnswer,
  Outcome,
  PluginDetail,
  PluginSummary,
  Problem,
  Readiness,
  RecordPage,
  Registration,
  SwapReport,
  TestReport,
]
