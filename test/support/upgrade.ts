import {type Host, type HostError, isHostError, type OpenedHost} from '../../host/index.ts'
import type {ActionSettings, Manifest} from '../../host/manifest.ts'
import type {JsonObject} from '../../runtime/protocol.ts'
import {deadline} from './deadline.ts'
import {buildFixture} from './fixture-bundle.ts'
import {withHost} from './plugin-harness.ts'

export type Change = Partial<Omit<Manifest, 'actions'>> & {actions?: {[name: string]: Partial<ActionSettings>}}

export interface UpgradeTest extends OpenedHost {
  folder: string
  /** Builds a version of the fixture `upgrades`; returns its path. */
  build(version: string, change?: Change): Promise<string>
  /** What the version that serves says of itself and of its configuration. */
  look(registration?: string): Promise<{version: string; config: JsonObject}>
}

const text = {type: 'string'}
export const fields = (properties: JsonObject, required: string[] = []): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  properties,
  required,
})

/** `quote` takes a model and a note; `order` changes something, and cannot do so dry by itself. */
export const ACTIONS: NonNullable<Change['actions']> = {
  look: {effect: 'read'},
  quote: {
    effect: 'read',
    input: fields({model: text, note: text}, ['model']),
    samples: [{title: 'one', input: {model: 'T14'}}],
  },
  order: {effect: 'create', input: fields({model: text}, ['model']), samples: [{title: 'one', input: {model: 'T14'}}]},
}
export const CONFIGS: {[version: number]: NonNullable<Manifest['config']>} = {
  1: {version: 1, schema: fields({server: text, mode: text, password: {...text, 'x-fp-secret': true}}, ['server'])},
  2: {version: 2, schema: fields({url: text, mode: text, password: {...text, 'x-fp-secret': true}}, ['url'])},
}

/** A host in which versions of one plugin are installed. */
export function withUpgrades(run: (test: UpgradeTest) => Promise<void>): Promise<void> {
  return withHost({}, opened =>
    deadline(60_000, () => {
      const {host, folder} = opened
      return run({
        ...opened,
        build: (version, {actions = {}, ...change} = {}) =>
          buildFixture(folder, 'upgrades', {
            version,
            permissions: {hostApi: ['kv.set']},
            ...change,
            actions: {...ACTIONS, ...actions},
          }),
        async look(registration = 'upgrades') {
          const {output} = await host.execute({registration, action: 'look', input: {}})
          return output as {version: string; config: JsonObject}
        },
      })
    }),
  )
}

/** The HostError that the promise is rejected with. */
export async function refusal(promise: Promise<unknown>): Promise<HostError> {
  const error = await promise.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (isHostError(error)) return error
  throw new Error(`Cannot see a refusal: ${String(error)}`)
}

export const serving = (host: Host): string | null => host.getPlugin('upgrades').version
export const messagesOf = (error: HostError): string[] =>
  (error.details.problems as {pointer: string; message: string}[]).map(({pointer, message}) => `${pointer} ${message}`)
