import {createReadStream} from 'node:fs'
import {join} from 'node:path'
import type {Client} from '../client.ts'
import {Failure} from '../failure.ts'

/** A build that the server has. */
export interface Deployed {
  id: string
  /** What served until then; null for nothing. */
  from: string | null
  to: string
  /** For sending it, installing it and the hot swap, milliseconds. */
  tookMs: number
}

interface DeployOptions {
  client: Client
  /** What served before the first build, by plugin; null for nothing. It is noted before anything is sent. */
  before: Map<string, string | null>
  /** Gives the build up; what is being installed is waited for. */
  changed: AbortSignal
  onWarning: (text: string) => void
}

/** A swap that is under way is not left half known: it has this long, milliseconds. */
const INSTALL_MS = 120_000

/** Builds the folder under a pre-release version of its own, and swaps it in. Throws what the build or the server says. */
export async function deployBuild(
  folder: string,
  {client, before, changed, onWarning}: DeployOptions,
): Promise<Deployed> {
  const {buildBundle, composeDevVersion, openSource, withThrowAwayFolder} = await import('../../host/index.ts')
  const {manifest} = await openSource(folder)
  const from = await findActiveVersion(client, manifest.id, changed)
  return withThrowAwayFolder(async temp => {
    const version = composeDevVersion(manifest.version, Date.now())
    const built = await buildBundle(folder, {out: join(temp, 'plugin.fp'), version, signal: changed})
    for (const warning of built.warnings) onWarning(warning)
    changed.throwIfAborted()
    if (!before.has(manifest.id)) before.set(manifest.id, from)
    const started = performance.now()
    const {id} = await client.call('installBundle', {
      body: {data: createReadStream(built.path), type: 'application/zip', bytes: built.bytes},
      // It is its author who swaps, in a loop: nothing of it is to be held back.
      query: {consent: true, force: true},
      signal: AbortSignal.timeout(INSTALL_MS),
    })
    return {id, from, to: version, tookMs: Math.round(performance.now() - started)}
  })
}

/** The version that serves; null for a plugin that is not installed, or only staged. */
export async function findActiveVersion(client: Client, id: string, signal: AbortSignal): Promise<string | null> {
  try {
    return (await client.call('getPlugin', {params: {id}, signal})).version
  } catch (error) {
    if (error instanceof Failure && error.code === 'PLUGIN_NOT_FOUND') return null
    throw error
  }
}
