import {cp, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {ROOT} from './fixture-process.ts'

/** A configuration that test/fixtures/author takes; its secrets are long enough to be searched for, and too short. */
export const AUTHOR_CONFIG = {token: 'hunter2-hunter2', pin: '4711'}
export const CONFIG = ['--config', JSON.stringify(AUTHOR_CONFIG)]

/** A copy of test/fixtures/author in the folder; the path of the copy. */
export async function copyAuthorPlugin(folder: string): Promise<string> {
  const target = join(folder, 'plugin')
  await cp(join(ROOT, 'test/fixtures/author'), target, {recursive: true})
  return target
}

/** Changes a file's text, which has to hold what is replaced. */
export async function editFile(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  if (!text.includes(from)) throw new Error(`Cannot edit "${path}": it has no ${from}`)
  await writeFile(path, text.replace(from, to))
}
