import type {DeviceRecord} from './device-record.ts'
import {type DeviceFailure, type FailureCode, toProblem} from './failures.ts'
import type {DiscoverOutput, DiscoverOutputProblem} from './plugin.types.ts'

const MAX_DEVICES = 200
const MAX_PROBLEMS = 100
const UNREACHABLE: readonly FailureCode[] = ['SNMP_NO_ANSWER', 'SNMP_PORT_CLOSED', 'SNMP_NO_ROUTE']

/** Counts a scan as it goes; each address ends in one of found, unreachable, authFailed and failed. */
export interface ScanReport {
  addDevice(record: DeviceRecord): void
  addFailure(failure: DeviceFailure, place: string): void
  readonly found: number
  finish(durationMs: number): DiscoverOutput
}

export function createScanReport(): ScanReport {
  const counts = {answered: 0, found: 0, unreachable: 0, authFailed: 0, failed: 0}
  const devices: DiscoverOutput['devices'] = []
  /** Silence is the usual thing in a network: it must not crowd out what can be mended. */
  const telling: DiscoverOutputProblem[] = []
  const silent: DiscoverOutputProblem[] = []
  return {
    get found() {
      return counts.found
    },
    addDevice({access, attributes, matched, assetType}) {
      counts.found++
      counts.answered++
      if (devices.length === MAX_DEVICES) return
      const name = typeof attributes.name === 'string' ? attributes.name : access.address
      devices.push({address: access.address, name, profile: matched.profile, assetType, credential: access.credential})
    },
    addFailure(failure, place) {
      const unreachable = UNREACHABLE.includes(failure.failure)
      counts[unreachable ? 'unreachable' : failure.category === 'auth' ? 'authFailed' : 'failed']++
      if (failure.answered) counts.answered++
      const list = unreachable ? silent : telling
      if (list.length < MAX_PROBLEMS) list.push(toProblem(failure, place))
    },
    finish(durationMs) {
      const problems = [...telling, ...silent].slice(0, MAX_PROBLEMS)
      const failures = counts.unreachable + counts.authFailed + counts.failed
      const scanned = counts.found + failures
      return {scanned, ...counts, durationMs, devices, problems, problemsLeftOut: failures - problems.length}
    },
  }
}
