import {stat} from 'node:fs/promises'
import {describeProblem} from '../describe-problem.ts'
import {Failure} from '../failure.ts'
import type {Verb} from '../verb.ts'

/** `check <dir or f.fp>` */
export const check: Verb<[path: string]> = {
  declare: command => void command.argument('<path>', 'a plugin’s folder, or a bundle'),

  async run({arguments: [path]}) {
    const stats = await stat(path).catch(() => undefined)
    if (!stats) throw new Failure('BUNDLE_NOT_FOUND', `Cannot check "${path}": there is no such file or folder`)
    const {loadConfig, verifyBundle, verifyFolder} = await import('../../host/index.ts')
    const {manifest, problems} = await (stats.isDirectory()
      ? verifyFolder(path)
      : verifyBundle(path, loadConfig().bundle))
    const sound = manifest && problems.length === 0
    const text = sound ? `${manifest.id} ${manifest.version}: no problems` : problems.map(describeProblem).join('\n')
    const data = {path, id: manifest?.id ?? null, version: manifest?.version ?? null, ok: sound === true, problems}
    return {data, text, exitCode: sound ? 0 : 2}
  },
}
