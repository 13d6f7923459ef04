import type {TestCall} from 'plugin-host/sdk'
import {type Contact, contactDevice} from './contact-device.ts'
import {selectCredentials} from './credentials.ts'
import {DeviceFailure} from './failures.ts'
import type {Config} from './plugin.types.ts'
import {chooseProfile, resolveProfiles} from './profiles.ts'
import {readDevice} from './read-device.ts'
import {resolveTarget} from './resolve-target.ts'
import {parseHost} from './targets.ts'

/** Checks the configuration, and then the test address step by step where there is one. */
export async function testConnection({config, signal, stage}: TestCall<Config>): Promise<void> {
  const {port, timeoutMs, retries, testAddress} = config
  const {profiles, credentials, target} = await stage('configuration', () => ({
    profiles: resolveProfiles(config.profiles),
    credentials: selectCredentials(config.credentials),
    target: testAddress ? parseHost(testAddress, {port, field: '/testAddress'}) : undefined,
  }))
  if (!target) return
  const endpoint = await stage('resolve', () => resolveTarget(target, signal))
  const outcome = await stage('reach', () => reach(contactDevice(endpoint, credentials, {timeoutMs, retries, signal})))
  using contact = await stage('auth', () => {
    if (outcome instanceof DeviceFailure) throw outcome
    return outcome
  })
  await stage('read', async () => {
    const {profile} = chooseProfile(profiles, contact.system.objectId)
    const {stopped} = await readDevice(contact.session, profile, contact.system)
    if (stopped) throw stopped
  })
}

/** An agent that refuses the credentials has been reached all the same. */
async function reach(contacting: Promise<Contact>): Promise<Contact | DeviceFailure> {
  try {
    return await contacting
  } catch (error) {
    if (error instanceof DeviceFailure && error.answered) return error
    throw error
  }
}
