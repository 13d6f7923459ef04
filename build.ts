/** Builds `dist/`: the compiled sources with their types, and the plugin runtime as one small file. Run by `prepare`. */
import {execFileSync} from 'node:child_process'
import {cpSync, rmSync} from 'node:fs'
import {build} from 'esbuild'

const root = import.meta.dirname
const dist = `${root}/dist`

rmSync(dist, {recursive: true, force: true})
execFileSync(process.execPath, [`${root}/node_modules/typescript/bin/tsc`, '-p', `${root}/tsconfig.dist.json`], {
  stdio: 'inherit',
})
cpSync(`${root}/host/plugin.schema.json`, `${dist}/host/plugin.schema.json`)

// One CommonJS file: it starts faster than a module graph, and the permission model has one path less to allow.
await build({
  entryPoints: [`${root}/runtime/loader.ts`],
  outfile: `${dist}/runtime/loader.cjs`,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  minify: true,
})
