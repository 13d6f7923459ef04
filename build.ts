/** Builds `dist/`: the compiled sources with their types, and the plugin runtime as one small file. Run by `prepare`. */
import {execFileSync} from 'node:child_process'
import {cpSync, renameSync, rmSync} from 'node:fs'
import {build} from 'esbuild'

const root = import.meta.dirname
const dist = `${root}/dist`
const made = `${root}/.dist-${process.pid}`

try {
  execFileSync(
    process.execPath,
    [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.dist.json`, '--outDir', made],
    {stdio: 'inherit'},
  )
  cpSync(`${root}/host/plugin.schema.json`, `${made}/host/plugin.schema.json`)
  cpSync(`${root}/bin/templates`, `${made}/bin/templates`, {recursive: true})
  cpSync(`${root}/host/store/sql`, `${made}/host/store/sql`, {recursive: true})

  // One CommonJS file: it starts faster than a module graph, and the permission model has one path less to allow.
  await build({
    entryPoints: [`${root}/runtime/loader.ts`],
    outfile: `${made}/runtime/loader.cjs`,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    minify: true,
  })
  // Swapped in whole, so that a failed build leaves the one before.
  rmSync(dist, {recursive: true, force: true})
  renameSync(made, dist)
} finally {
  rmSync(made, {recursive: true, force: true})
}
