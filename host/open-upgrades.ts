import {join} from 'node:path'
import {inOrder} from './bundle/in-order.ts'
import type {Clock} from './clock.ts'
import type {Config} from './config.ts'
import type {Executor} from './execution/executor.ts'
import type {Log} from './log.ts'
import type {Mappings} from './mapping-verbs.ts'
import type {State} from './open-state.ts'
import {listConfigurations} from './run-plugins.ts'
import type {SideProcesses} from './side-process.ts'
import type {UpgradeParts} from './upgrade/types.ts'
import {createUpgrades, type Upgrades, type UpgradesParts} from './upgrade/upgrades.ts'

export interface OpenUpgradesParts {
  clock: Clock
  config: Config
  log: Log
  state: State
  sideProcesses: Pick<SideProcesses, 'open'>
  executor: Pick<Executor, 'list'>
  mappings: Pick<Mappings, 'checkAgainst'>
  listBrokenRules: UpgradeParts['listBrokenRules']
  inTurn: UpgradesParts['inTurn']
}

/** Runs what changes a plugin's registrations and what changes its active version one after the other. */
export function createTurns(dataFolder: string): UpgradesParts['inTurn'] {
  return (plugin, run) => inOrder(join(dataFolder, 'turns', plugin), run)
}

/** The way from one version of a plugin to another, wired to the state. */
export function openUpgrades(parts: OpenUpgradesParts): Upgrades {
  const {clock, config, log, state, sideProcesses, executor, mappings, listBrokenRules, inTurn} = parts
  const {catalog, registrations, logs} = state
  return createUpgrades({
    clock,
    config: config.upgrade,
    catalog,
    registrations,
    inTurn,
    openSide: (plugin, version, options) => sideProcesses.open(plugin, version, options),
    redactorOf: plugin => registrations.redactorOfPlugin(plugin),
    hideSecrets: (plugin, manifest, config) => registrations.moves.hide(plugin, manifest, config),
    listConfigurations: (plugin, version) => listConfigurations(state, plugin, version),
    listExecutions: filter => executor.list(filter),
    listBrokenMappings: (plugin, manifest) => mappings.checkAgainst(plugin, manifest),
    listBrokenRules,
    tell(plugin, version, level, message) {
      logs.write({plugin, version, source: 'host', level, message})
      log[level]({plugin, version}, message)
    },
  })
}
