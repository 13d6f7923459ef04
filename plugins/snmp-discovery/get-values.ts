import type {Answer, Call} from 'plugin-host/sdk'
import {contactDevice} from './contact-device.ts'
import {selectCredentials} from './credentials.ts'
import {DeviceFailure} from './failures.ts'
import type {Config, GetInput, GetOutput} from './plugin.types.ts'
import {normalizeOid} from './requests.ts'
import {resolveTarget} from './resolve-target.ts'
import {formatTarget, parseHost} from './targets.ts'
import {withTimeLimit} from './time-limit.ts'
import {convertValue, type Varbind} from './transforms.ts'

/** Reads OIDs of one device, as a profile would see them. */
export async function getValues({config, input, signal}: Call<Config, GetInput>): Promise<Answer<GetOutput>> {
  const {timeoutMs, retries, deviceTimeoutMs} = config
  const credentials = selectCredentials(config.credentials, input.credentials)
  const target = parseHost(input.host, {port: input.port ?? config.port, field: '/host'})
  const place = formatTarget(target.host, target.port)
  const reason = (): Error => new DeviceFailure('DEVICE_TOO_SLOW', place)
  return withTimeLimit({signal, ms: deviceTimeoutMs, reason}, async deviceSignal => {
    const endpoint = await resolveTarget(target, deviceSignal)
    using contact = await contactDevice(endpoint, credentials, {timeoutMs, retries, signal: deviceSignal})
    const found = await contact.session.get(input.oids)
    const values = input.oids.map(oid => toOutput(normalizeOid(oid), found.get(normalizeOid(oid))))
    const output = {address: endpoint.address, credential: contact.credential.name, values}
    return {output, message: `${found.size} of ${values.length} values read from ${place}`}
  })
}

function toOutput(oid: string, varbind: Varbind | undefined): GetOutput['values'][number] {
  if (!varbind) return {oid, type: 'Missing', value: null}
  const {type, value} = varbind
  const bytes = value instanceof Uint8Array ? {hex: Buffer.from(value).toString('hex')} : {}
  return {oid, type, value: convertValue(varbind) ?? '', ...bytes}
}
