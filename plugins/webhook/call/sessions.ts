import type {Types} from '../plugin.types.ts'
import {createSession, type Session} from './session.ts'

const sessions = new Map<string, {fingerprint: string; session: Session}>()

/** The registration's session; a new one when its configuration has changed. Calls that run keep the old one. */
export function openSession(registration: string, config: Types['config']): Session {
  const fingerprint = JSON.stringify(config)
  const known = sessions.get(registration)
  if (known?.fingerprint === fingerprint) return known.session
  const session = createSession(config)
  sessions.set(registration, {fingerprint, session})
  return session
}

/** Forgets the registration's session, its access token with it. */
export function dropSession(registration: string): void {
  sessions.delete(registration)
}
