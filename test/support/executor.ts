import {join} from 'node:path'
import {type ConfigInput, loadConfig} from '../../host/config.ts'
import {HostError} from '../../host/errors.ts'
import {createExecutor, type Executor} from '../../host/execution/executor.ts'
import type {ActiveVersion, CallOptions, CallPlugin} from '../../host/execution/types.ts'
import {createDesk, type Desk} from '../../host/main-server/desk.ts'
import type {ActionSettings, Manifest} from '../../host/manifest.ts'
import {createRedactor} from '../../host/registry/redact.ts'
import {openSecrets} from '../../host/registry/secrets.ts'
import type {ExecuteRequest, Execution, Outcome} from '../../host/types.ts'
import type {ExecuteParams} from '../../runtime/protocol.ts'
import {echoManifest} from './echo-manifest.ts'
import {type StoreTest, withStore} from './store.ts'

/** What stands in for the process: answers or throws as a supervised call would. */
export type FakePlugin = (method: string, params: ExecuteParams, options: CallOptions) => unknown

export interface ExecutorTest extends StoreTest {
  executor: Executor
  desk: Desk
  /** As after a restart of the server, over the same store. */
  reopen(): Executor
  /** Every call the plugin got. */
  calls: {method: string; params: ExecuteParams; options: CallOptions}[]
  /** Methods of those that went to a sealed process. */
  sealed: string[]
  finished: Execution[]
  faults: unknown[]
  /** The version that takes calls; may be replaced by the test. */
  active: ActiveVersion
  run(action: string, change?: Partial<ExecuteRequest>): Promise<Outcome>
}

export const SECRET = 'configured-secret'
const ANY: ActionSettings = {effect: 'send', input: {}, output: {}, samples: []}

/** One action of a given kind; `{}` takes and answers anything. */
export function describeAction(change: Partial<ActionSettings> = {}): ActionSettings {
  return {...ANY, ...change}
}

export function describeActions(actions: Manifest['actions'], change: Partial<Manifest> = {}): Manifest {
  return {...echoManifest, ...change, actions}
}

/** An executor over a real store and desk. Time is the store's fake clock. */
export function withExecutor<T>(
  manifest: Manifest,
  plugin: FakePlugin,
  run: (test: ExecutorTest) => Promise<T>,
  settings: ConfigInput['execution'] = {},
): Promise<T> {
  return withStore(async base => {
    const desk = createDesk(base.store, base.clock)
    const secrets = openSecrets(join(base.folder, 'secret.key'), base.store)
    const calls: ExecutorTest['calls'] = []
    const sealed: string[] = []
    const finished: Execution[] = []
    const faults: unknown[] = []
    const head = {plugin: 'echo', name: 'Echo', draft: false, settings: {}}
    const heads = [
      {...head, id: 'echo', enabled: true},
      {...head, id: 'other', enabled: true},
      {...head, id: 'quiet', enabled: true, settings: {notes: false}},
      {...head, id: 'off', enabled: false},
      {...head, id: 'gone', plugin: 'gone', enabled: true},
    ]
    const answer: CallPlugin = async (_, method, params, options) => {
      calls.push({method, params: params as ExecuteParams, options})
      const version = test.active.version
      return {result: await plugin(method, params as ExecuteParams, options), version}
    }
    const open = (): Executor =>
      createExecutor({
        ...base,
        secrets,
        artifactFolder: join(base.folder, 'artifacts'),
        findRegistration: id => heads.find(known => known.id === id),
        findManifest: id => (id === 'echo' ? test.active : undefined),
        requireFit: () => {},
        callPlugin: answer,
        callSealed: (...call) => {
          sealed.push(call[1])
          return answer(...call)
        },
        mainServer: desk,
        redactorFor: () => createRedactor([SECRET]),
        config: loadConfig({execution: settings}).execution,
        onFinished: execution => void finished.push(execution),
        onError: error => void faults.push(error),
        random: () => 0.5,
      })
    const test: ExecutorTest = {
      ...base,
      executor: undefined as never,
      desk,
      calls,
      sealed,
      finished,
      faults,
      active: {manifest, version: '1.0.0'},
      reopen: open,
      run: (action, change = {}) => test.executor.execute({registration: 'echo', action, input: {}, ...change}),
    }
    test.executor = open()
    return await run(test)
  })
}

export async function refusal(work: Promise<unknown>): Promise<HostError> {
  const error = await work.then(
    value => new Error(`Cannot see a refusal: it came to ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (error instanceof HostError) return error
  throw error
}

/** A call that ends only when it is given up. */
export function hang({signal}: CallOptions): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), {once: true}))
}
