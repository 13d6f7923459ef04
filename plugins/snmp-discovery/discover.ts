import type {Answer, Call} from 'plugin-host/sdk'
import {contactDevice} from './contact-device.ts'
import {findWeakness, selectCredentials} from './credentials.ts'
import {buildRecord, type DeviceRecord} from './device-record.ts'
import type {Config, DiscoverInput, DiscoverOutput} from './plugin.types.ts'
import {chooseProfile, resolveProfiles} from './profiles.ts'
import {readDevice} from './read-device.ts'
import {RecordWriter} from './record-writer.ts'
import {createScanReport, type ScanReport} from './scan-report.ts'
import {type ScanOptions, scanTargets} from './scan-targets.ts'
import {forgetKeys} from './session.ts'
import {parseTargets} from './targets.ts'

type DiscoverCall = Call<Config, DiscoverInput>

const PROGRESS_EVERY_MS = 250

/** Asks every target and hands out a record for each device, as it is found. A dry run asks too but hands out nothing. */
export async function discover(call: DiscoverCall): Promise<Answer<DiscoverOutput>> {
  const {config, input} = call
  const started = performance.now()
  const plan = parseTargets(input.targets, {exclude: input.exclude, port: input.port ?? config.port})
  const visitDevice = prepareVisit(call)
  for (const credential of config.credentials) warn(call, findWeakness(credential))

  const report = createScanReport()
  const writer = new RecordWriter<DeviceRecord>(async records => {
    if (!call.dryRun) await call.records(records)
  })
  try {
    await scanTargets(plan, {
      concurrency: input.concurrency ?? config.concurrency,
      deviceTimeoutMs: config.deviceTimeoutMs,
      signal: call.signal,
      visit: (endpoint, signal) => visitDevice({endpoint, signal, report, writer}),
      onFailure: report.addFailure,
      onDone: createProgress(call, plan.total, report),
    })
    await writer.flush()
  } finally {
    await forgetKeys()
  }
  const output = report.finish(Math.round(performance.now() - started))
  return {output, message: describe(output, call.dryRun)}
}

type Visit = Parameters<ScanOptions['visit']>
type VisitParts = {endpoint: Visit[0]; signal: Visit[1]; report: ScanReport; writer: RecordWriter<DeviceRecord>}

function prepareVisit(call: DiscoverCall): (parts: VisitParts) => Promise<void> {
  const {config, input, registration} = call
  const profiles = resolveProfiles(config.profiles)
  const credentials = selectCredentials(config.credentials, input.credentials)
  const timeoutMs = input.timeoutMs ?? config.timeoutMs
  const retries = input.retries ?? config.retries
  return async ({endpoint, signal, report, writer}) => {
    using contact = await contactDevice(endpoint, credentials, {timeoutMs, retries, signal})
    const match = chooseProfile(profiles, contact.system.objectId)
    const reading = await readDevice(contact.session, match.profile, contact.system)
    const record = buildRecord(contact, match, {reading, source: registration, observedAt: Date.now()})
    // No socket is held while the record waits to be stored.
    contact.session.close()
    await writer.add(record)
    report.addDevice(record)
  }
}

function createProgress(call: DiscoverCall, total: number, report: ScanReport): () => void {
  let done = 0
  let toldAt = Number.NEGATIVE_INFINITY
  return () => {
    done++
    const now = performance.now()
    if (done < total && now - toldAt < PROGRESS_EVERY_MS) return
    toldAt = now
    call.progress({done, total, message: `${report.found} devices found`})
  }
}

function warn(call: DiscoverCall, text: string | undefined): void {
  if (text) call.log.warn(text)
}

function describe({scanned, found, unreachable, authFailed, failed}: DiscoverOutput, dryRun: boolean): string {
  const rest = [
    [unreachable, 'unreachable'],
    [authFailed, 'refused the credentials'],
    [failed, 'failed'],
  ].flatMap(([count, what]) => (count ? [`${count} ${what}`] : []))
  const kept = dryRun ? ', nothing stored (dry run)' : ''
  return `${found} of ${scanned} addresses are devices${rest.length > 0 ? `: ${rest.join(', ')}` : ''}${kept}`
}
