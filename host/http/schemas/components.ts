import {Execution, Outcome} from './execution.ts'
import {Health, Readiness} from './health.ts'
import {InstallResult, LogLine, PluginDetail, PluginSummary, SwapReport} from './plugin.ts'
import {Problem} from './problem.ts'
import {OptionsAnswer, Registration, TestReport} from './registration.ts'

/** The named schemas of the OpenAPI document. */
export const COMPONENTS = [
  Execution,
  Health,
  InstallResult,
  LogLine,
  OptionsAnswer,
  Outcome,
  PluginDetail,
  PluginSummary,
  Problem,
  Readiness,
  Registration,
  SwapReport,
  TestReport,
]
