import {mkdir, readdir, readFile, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'

export type Language = 'ts' | 'js'

/** What goes into `{{…}}` of the templates. */
export interface TemplateValues {
  id: string
  name: string
  summary: string
  kinds: readonly string[]
  language: Language
  hostVersion: string
}

/** Text by path of a new plugin's files. */
export type TemplateFiles = Map<string, string>

const TEMPLATES = join(import.meta.dirname, 'templates')
// npm leaves files of this name out of a package.
const RENAMED: {[name: string]: string} = {gitignore: '.gitignore'}

/** Reads the templates and fills the values in; writes nothing. */
export async function fillTemplates(values: TemplateValues): Promise<TemplateFiles> {
  const files: TemplateFiles = new Map()
  for (const part of ['common', values.language]) {
    const folder = join(TEMPLATES, part)
    for (const entry of await readdir(folder, {recursive: true, withFileTypes: true})) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const name = path.slice(folder.length + 1)
      files.set(RENAMED[name] ?? name, fill(await readFile(path, 'utf8'), values, name.endsWith('.json')))
    }
  }
  return files
}

/** Writes the files into a folder that is empty or not there yet. */
export async function writeTemplates(folder: string, files: TemplateFiles): Promise<void> {
  for (const [name, text] of files) {
    const path = join(folder, name)
    await mkdir(dirname(path), {recursive: true})
    await writeFile(path, text, {flag: 'wx'})
  }
}

function fill(text: string, {kinds, language, ...values}: TemplateValues, isJson: boolean): string {
  const words: {[name: string]: string} = {...values, entry: `main.${language}`}
  return text
    .replace('"{{kind}}"', () => kinds.map(kind => JSON.stringify(kind)).join(', '))
    .replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => {
      const word = words[name]
      if (word === undefined) return whole
      return isJson ? JSON.stringify(word).slice(1, -1) : word
    })
}
