import type {Verb} from '../verb.ts'

/** `build <dir> [--out f.fp]` */
export const build: Verb<[folder: string], {out?: string; sourcemap?: boolean}> = {
  declare: command =>
    command
      .argument('<dir>', 'the plugin’s folder')
      .option('-o, --out <file>', 'the bundle to write (default: <id>-<version>.fp)')
      .option('--sourcemap', 'put a source map into the bundle'),

  async run({arguments: [folder], options, print, signal}) {
    print.progress(`building ${folder}`)
    const {buildBundle} = await import('../../host/index.ts')
    const built = await buildBundle(folder, {...options, signal})
    for (const warning of built.warnings) print.note(`${print.style('yellow', 'warning')} ${warning}`)
    const text = [`${built.path}`, `${built.bytes} bytes, ${built.files.length} files`, `sha256 ${built.sha256}`]
    return {data: built, text: text.join('\n')}
  },
}
