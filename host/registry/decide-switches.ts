import type {Problem} from '../schema.ts'
import {refuseProblems} from './parse-config.ts'

export interface Switches {
  draft: boolean
  enabled: boolean
}

/**
 * Whether a registration is a draft and whether it is on, after a change. A draft is off, and ends to be one when its configuration
 * fits; switching it on is then asked for apart. Throws CONFIG_INVALID when what was asked for needs a configuration that fits.
 */
export function decideSwitches({
  asked,
  was,
  problems,
  configChanged,
}: {
  asked: Partial<Switches>
  /** undefined for a new one. */
  was: Switches | undefined
  problems: readonly Problem[]
  configChanged: boolean
}): Switches {
  const fits = problems.length === 0
  const keepsDraft = asked.draft ?? was?.draft ?? false
  const turnsOn = asked.enabled === true && (was?.enabled !== true || configChanged)
  // One that fitted an older version stays as it is until somebody touches its configuration.
  const mustFit = turnsOn || asked.draft === false || (configChanged && !keepsDraft)
  if (mustFit) refuseProblems(problems)
  const draft = keepsDraft && !fits
  return {draft, enabled: !draft && (asked.enabled ?? was?.enabled ?? asked.draft !== true)}
}
