import {type JsonObject, METHODS, type MigrateResult} from '../../runtime/protocol.ts'
import {HostError, isHostError, PluginFailure} from '../errors.ts'
import {isObject} from '../expand-schemas.ts'
import type {Manifest} from '../manifest.ts'
import {refuseSeal} from '../refuse-seal.ts'
import type {ConfigMove} from '../registry/config-moves.ts'
import {judgeConfig, refuseTwin} from '../registry/parse-config.ts'
import {formatProblems} from '../schema.ts'
import type {MovedConfig, SideProcess, UpgradeEnd, UpgradeParts} from './types.ts'

/** The plugin, the version its configurations are to fit, and the manifest they fit now. */
export interface MoveTarget {
  plugin: string
  to: UpgradeEnd
  before: Manifest | undefined
  /** Nobody has agreed yet to what the version may do. */
  needsConsent: boolean
}

type Parts = Pick<UpgradeParts, 'clock' | 'config' | 'openSide' | 'redactorOf' | 'hideSecrets'>

/** Brings each configuration to the shape of the version, by its own `migrate` where the shape is another. Stores nothing. */
export async function moveConfigs(
  moves: readonly ConfigMove[],
  target: MoveTarget,
  parts: Parts,
): Promise<MovedConfig[]> {
  const migrator = createMigrator(target, parts)
  const moved: MovedConfig[] = []
  try {
    for (const move of moves) moved.push(await moveOne(move, target, migrator, parts))
  } finally {
    await migrator.close()
  }
  return moved.map(entry => refuseTwins(entry, moved, target))
}

async function moveOne(
  move: ConfigMove,
  {plugin, to, before}: MoveTarget,
  migrator: Migrator,
  {redactorOf, hideSecrets}: Parts,
): Promise<MovedConfig> {
  const result = (config: JsonObject | undefined, problems: string[]): MovedConfig => ({
    move,
    config,
    migrated: move.step === 'migrate' && config !== undefined,
    problems: problems.map(redactorOf(plugin).text),
    breaks: problems.length > 0 && !move.draft && isSound(before, move.config),
  })
  try {
    const config = move.step === 'migrate' ? await migrator.migrate(move) : move.config
    hideSecrets(plugin, to.manifest, config)
    const judged = judgeConfig(to.manifest, config)
    const fits = judged.problems.length === 0
    const told = fits ? [] : [`it does not fit: ${formatProblems(judged.problems)}`]
    // What was not migrated is stored as it is, whatever it lacks; an answer of the plugin only when it fits.
    return result(fits ? judged.config : undefined, told)
  } catch (error) {
    return result(undefined, [(error as Error).message])
  }
}

/** What did not fit before is not broken by the version. */
function isSound(before: Manifest | undefined, config: JsonObject): boolean {
  return before === undefined || judgeConfig(before, config).problems.length === 0
}

/** Two that were told apart before may be the same once migrated. */
function refuseTwins(entry: MovedConfig, all: readonly MovedConfig[], {to}: MoveTarget): MovedConfig {
  const {move, config} = entry
  if (!config || move.step === 'keep') return entry
  const siblings = all.flatMap(({move: {registration: id, name}, config: other}) =>
    other ? [{row: {id, name}, config: other}] : [],
  )
  try {
    refuseTwin(move.registration, to.manifest, {config, draft: move.draft}, siblings)
    return entry
  } catch (error) {
    if (!isHostError(error)) throw error
    const problems = [...entry.problems, `it does not fit: ${error.details.reason}`]
    return {...entry, config: undefined, migrated: false, problems, breaks: !move.draft}
  }
}

interface Migrator {
  migrate(move: ConfigMove): Promise<JsonObject>
  close(): Promise<void>
}

/** One process for all of them, started when the first needs it; a fresh one when that has crashed. */
function createMigrator({plugin, to, needsConsent}: MoveTarget, {clock, config, openSide}: Parts): Migrator {
  let side: SideProcess | undefined
  /** It cannot be started: the next one need not try. */
  let refused: unknown

  async function open(): Promise<SideProcess> {
    const {version, manifest, permissions} = to
    const open = refuseSeal(manifest)
    if (open && needsConsent) throw new Error(`it can be migrated only after consent: ${open}`)
    return openSide(plugin, version, {sealed: !open, configurations: [], permissions, purpose: 'migration'})
  }

  async function start(): Promise<SideProcess> {
    if (refused !== undefined) throw refused
    try {
      return await open()
    } catch (error) {
      refused = error
      throw error
    }
  }

  async function close(): Promise<void> {
    const open = side
    side = undefined
    await open?.stop()
  }

  return {
    close,
    async migrate({from, to: toVersion, config: given}) {
      const what = `from version ${from} to ${toVersion}`
      side ??= await start()
      if (!side.capabilities.migrate) {
        throw new Error(`it cannot be migrated ${what}: version ${to.version} of the plugin offers no migrate`)
      }
      try {
        const params = {fromVersion: from, toVersion, config: given}
        const {result} = await side.call(METHODS.migrate, params, {deadline: clock.now() + config.migrateMs})
        return parseAnswer(plugin, result)
      } catch (error) {
        if (!(error instanceof PluginFailure)) await close()
        throw new Error(`it cannot be migrated ${what}: ${(error as Error).message}`, {cause: error})
      }
    },
  }
}

function parseAnswer(plugin: string, result: unknown): JsonObject {
  const {config} = Object(result) as Partial<MigrateResult>
  if (isObject(config)) return config
  throw new HostError('OUTPUT_INVALID', {id: plugin, reason: '/config must be object'})
}
