import {readdir} from 'node:fs/promises'
import {basename, join, resolve} from 'node:path'
import {Option} from 'commander'
import {askAboutPlugin, type PluginAnswers} from '../ask-about-plugin.ts'
import {Failure} from '../failure.ts'
import type {Verb} from '../verb.ts'
import {readVersion} from '../version.ts'
import {fillTemplates, type Language, type TemplateFiles, writeTemplates} from '../write-template.ts'

const KINDS = ['action', 'notification', 'discovery', 'report', 'pull', 'pullUsers']

interface Options {
  yes?: boolean
  id?: string
  name?: string
  kind?: string[]
  language?: Language
}

/** `init <dir>` */
export const init: Verb<[folder: string], Options> = {
  declare: command =>
    command
      .argument('<dir>', 'the folder to make; it must be empty or not there yet')
      .option('-y, --yes', 'ask nothing')
      .option('--id <id>', 'id of the plugin (default: from the folder’s name)')
      .option('--name <name>', 'name for people (default: from the folder’s name)')
      .addOption(new Option('--kind <kind...>', 'what the plugin is for (default: action)').choices(KINDS))
      .addOption(new Option('--language <language>', 'TypeScript or JavaScript (default: ts)').choices(['ts', 'js'])),

  async run({arguments: [folder], options, print}) {
    await requireEmpty(folder)
    const answers = await chooseAnswers(folder, options)
    if (!answers) throw new Failure('CANCELLED', `Cannot make plugin "${folder}": it was cancelled`)
    const files = await composeFiles(answers)
    await writeTemplates(folder, files)
    const path = resolve(folder)
    if (print.json) return {data: {path, id: answers.id, files: [...files.keys()].sort()}, text: ''}
    const next = [
      `  npx plugin-host run ${folder} hello --input '{"name": "Ann"}'`,
      `  npx plugin-host build ${folder}`,
    ]
    return {data: undefined, text: [`${answers.id} is in ${path}`, 'Now try:', ...next].join('\n')}
  },
}

async function chooseAnswers(folder: string, options: Options): Promise<PluginAnswers | undefined> {
  const {yes, id, name, kind: kinds, language} = options
  const given = {...(id && {id}), ...(name && {name}), ...(kinds && {kinds}), ...(language && {language})}
  const suggested = suggestAnswers(folder)
  if (yes || !process.stdin.isTTY || !process.stderr.isTTY) return {...suggested, ...given}
  return askAboutPlugin({suggested, given, kinds: KINDS})
}

function suggestAnswers(folder: string): PluginAnswers {
  const words = basename(resolve(folder))
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word !== '')
  const slug = words.join('-')
  // An id has two letters at least, and may not be a device's name on Windows: all of those are short.
  const id = slug.length > 4 ? slug : ['plugin', ...words].join('-')
  const name = words.map(word => word.slice(0, 1).toUpperCase() + word.slice(1)).join(' ')
  return {id: id.slice(0, 100), name: name || 'Plugin', kinds: ['action'], language: 'ts'}
}

/** Judged before anything is written: an id that cannot be is no reason to leave half a plugin behind. */
async function composeFiles(answers: PluginAnswers): Promise<TemplateFiles> {
  const summary = `Plugin ${answers.name} greets by name`
  const files = await fillTemplates({...answers, summary, hostVersion: readVersion()})
  const {generateTypes, lintManifest, parseManifest, refusal, TYPES_FILE} = await import('../../host/index.ts')
  const manifest = parseManifest(files.get('plugin.json') ?? '')
  const problems = lintManifest(manifest, new Set(files.keys()), {source: true})
  if (problems.length > 0) throw refusal(problems)
  if (answers.language === 'ts') files.set(TYPES_FILE, await generateTypes(manifest))
  return files
}

async function requireEmpty(folder: string): Promise<void> {
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    const state = (error as NodeJS.ErrnoException).code === 'ENOTDIR' ? 'it is a file' : (error as Error).message
    throw new Failure('USAGE', `Cannot make plugin "${folder}": ${state}`, 'Name another folder')
  }
  if (names.length === 0) return
  throw new Failure(
    'USAGE',
    `Cannot make plugin "${folder}": the folder is not empty`,
    `Name another, as ${join(folder, 'my-plugin')}`,
  )
}
