import {AuditEntry, AuditReport, BackupFile, BackupReport, NewToken, Token} from './access.ts'
import {EventResult, RuleRun, StoredEvent} from './event.ts'
import {Execution, Outcome} from './execution.ts'
import {Health, Readiness} from './health.ts'
import {ExplainedInput} from './history.ts'
import {Mapping, MappingPreview} from './mapping.ts'
import {InstallResult, LogLine, PluginDetail, PluginSummary} from './plugin.ts'
import {Problem} from './problem.ts'
import {Attachment, FieldInfo, MainRecordSchema, MainServerStatus, Note, RecordPage} from './record.ts'
import {OptionsAnswer, Registration, TestReport} from './registration.ts'
import {Rule, RuleTest} from './rule.ts'
import {Preview, Schedule} from './schedule.ts'
import {SwapReport, UpgradeReport} from './upgrade.ts'

/** The named schemas of the OpenAPI document. */
export const COMPONENTS = [
  Attachment,
  AuditEntry,
  AuditReport,
  BackupFile,
  BackupReport,
  EventResult,
  Execution,
  ExplainedInput,
  FieldInfo,
  Health,
  InstallResult,
  LogLine,
  MainRecordSchema,
  MainServerStatus,
  Mapping,
  MappingPreview,
  NewToken,
  Note,
  OptionsAnswer,
  Outcome,
  PluginDetail,
  PluginSummary,
  Preview,
  Problem,
  Readiness,
  RecordPage,
  Registration,
  Rule,
  RuleRun,
  RuleTest,
  Schedule,
  StoredEvent,
  SwapReport,
  TestReport,
  UpgradeReport,
  Token,
]
