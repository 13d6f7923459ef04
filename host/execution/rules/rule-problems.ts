import {HostError, isHostError} from '../../errors.ts'
import type {Manifest} from '../../manifest.ts'
import {checkCondition} from '../../mapping/conditions.ts'
import {compileMapping} from '../../mapping/render.ts'
import type {Problem} from '../../schema.ts'
import type {FieldInfo, Module} from '../../types.ts'
import type {RuleAction} from '../../workflow-types.ts'
import {modulesOf, type ParsedRule} from './parse-rule.ts'
import type {WorkflowParts} from './types.ts'

export type ProblemParts = Pick<WorkflowParts, 'mappings' | 'listFields' | 'findRegistration' | 'findManifest'>

/** What keeps a rule from working now: fields, registrations, actions and mappings may have gone since it was saved. */
export async function listProblems(rule: ParsedRule, parts: ProblemParts): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const module of modulesOf(rule.trigger)) {
    const fields = await listKnownFields(module, parts)
    if (fields === null) continue
    if (rule.when) problems.push(...place('/when', checkCondition(rule.when, fields)))
    for (const [index, action] of rule.actions.entries()) {
      const pointer = `/actions/${index}`
      if (action.when) problems.push(...place(`${pointer}/when`, checkCondition(action.when, fields)))
      problems.push(...place(pointer, await checkAction(action, {module, fields}, parts)))
      problems.push(...place(pointer, checkSteps(action, rule.actions.slice(0, index))))
    }
  }
  const texts = new Set<string>()
  return problems.filter(({pointer, message}) => texts.size < texts.add(`${pointer} ${message}`).size)
}

/** Only what has run before can be read. */
function checkSteps({when, rows = []}: RuleAction, before: readonly RuleAction[]): Problem[] {
  const fields = JSON.stringify(when ?? null).matchAll(/"field":"steps\.([\w-]+)/g)
  const templates = rows
    .map(({template}) => template)
    .join('\n')
    .matchAll(/\{#\s*steps\.([\w-]+)/g)
  return [...fields, ...templates]
    .filter(([, key]) => !before.some(action => action.key === key))
    .map(([, key]) => ({pointer: '', message: `reads "steps.${key}", which is no step before it`}))
}

/** null while the main server does not tell: that is no fault of the rule. */
async function listKnownFields(module: Module, {listFields}: ProblemParts): Promise<FieldInfo[] | null> {
  return listFields(module).catch(error => {
    if (isHostError(error, 'MAIN_SERVER_UNAVAILABLE')) return null
    throw error
  })
}

function place(pointer: string, problems: readonly Problem[]): Problem[] {
  return problems.map(problem => ({pointer: pointer + problem.pointer, message: problem.message}))
}

interface Place {
  module: Module
  fields: FieldInfo[]
}

async function checkAction(action: RuleAction, at: Place, parts: ProblemParts): Promise<Problem[]> {
  const {registration: id, action: name} = action
  const registration = parts.findRegistration(id)
  const message = (error: HostError): string => error.message.split('\n', 1)[0] ?? ''
  if (!registration)
    return [{pointer: '/registration', message: message(new HostError('REGISTRATION_NOT_FOUND', {id}))}]
  const manifest = parts.findManifest(registration.plugin)?.manifest
  if (!manifest) return [{pointer: '/registration', message: `Plugin "${registration.plugin}" has no active version`}]
  const disabled = registration.enabled ? [] : [{pointer: '/registration', message: `"${id}" is disabled`}]
  if (!Object.hasOwn(manifest.actions, name))
    return [...disabled, {pointer: '/action', message: `Plugin "${manifest.id}" has no action "${name}"`}]
  const rows = action.mapping === undefined ? checkRows(action, at, manifest) : await checkMapping(action, at, parts)
  return [...disabled, ...rows]
}

/** Rows of its own, against a manifest: what they are for may have gone. */
export function checkRows({action, rows = []}: RuleAction, {module, fields}: Place, manifest: Manifest): Problem[] {
  const settings = manifest.actions[action]
  if (!settings) return []
  const context = {
    inputSchema: settings.input,
    outputSchema: settings.output,
    configSchema: manifest.config?.schema ?? {},
    fields,
  }
  const {problems} = compileMapping({action, module, rows}, context)
  return problems.filter(({severity}) => severity === 'error').map(({pointer, message}) => ({pointer, message}))
}

async function checkMapping(
  {registration, action, mapping = ''}: RuleAction,
  {module}: Place,
  {mappings}: ProblemParts,
): Promise<Problem[]> {
  const pointer = '/mapping'
  try {
    const found = await mappings.getMapping(registration, mapping)
    if (found.action !== action) return [{pointer, message: `Mapping "${mapping}" is for action "${found.action}"`}]
    if (found.module !== module)
      return [{pointer, message: `Mapping "${mapping}" is for records of kind ${found.module}`}]
    return found.problems
      .filter(({severity}) => severity === 'error')
      .map(({pointer: at, message}) => ({pointer, message: `Mapping "${mapping}" ${at}: ${message}`}))
  } catch (error) {
    if (!isHostError(error, 'MAPPING_NOT_FOUND')) throw error
    return [{pointer, message: error.message}]
  }
}
