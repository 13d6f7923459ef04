import {execFile} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {type AuthorSettings, readAuthorSettings} from './author-settings.ts'
import type {BuildProblem} from './build-problems.ts'
import {findCompiler, findTypeRoot, SDK_TYPES} from './sdk-files.ts'

const OUTPUT_BYTES = 16 * 1024 * 1024

/** What holds for every plugin: nothing is written, and the SDK and Node's types are found without a node_modules. */
const FIXED = {
  noEmit: true,
  composite: false,
  incremental: false,
  declaration: false,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  // An author's rootDir would shut the SDK out.
  rootDir: null,
  outDir: null,
}

/** Where the author says nothing. The bundler resolves imports, so the compiler must do it the same way. */
const STRICT = {
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  module: 'preserve',
  moduleResolution: 'bundler',
  strict: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noFallthroughCasesInSwitch: true,
  resolveJsonModule: true,
  isolatedModules: true,
}

/** What the TypeScript compiler finds wrong with the entry and all it imports; empty when nothing is. */
export async function typeCheck(
  folder: string,
  entry: string,
  {signal}: {signal?: AbortSignal | undefined} = {},
): Promise<BuildProblem[]> {
  const author = await readAuthorSettings(folder)
  const temp = await mkdtemp(join(tmpdir(), 'plugin-host-types-'))
  try {
    const project = join(temp, 'tsconfig.json')
    await writeFile(project, JSON.stringify(composeSettings(folder, entry, author)))
    return parseProblems(await runCompiler(folder, project, signal))
  } finally {
    await rm(temp, {recursive: true, force: true})
  }
}

function composeSettings(folder: string, entry: string, author: AuthorSettings | undefined): object {
  return {
    ...(author && {extends: author.file}),
    compilerOptions: {
      ...(author ? {} : STRICT),
      ...FIXED,
      paths: {...author?.paths, 'plugin-host/sdk': [SDK_TYPES]},
      types: [...new Set(['node', ...(author?.types ?? [])])],
      typeRoots: [...(author?.typeRoots ?? []), join(folder, 'node_modules/@types'), findTypeRoot()],
    },
    files: [join(folder, entry)],
    include: [join(folder, '**/*.d.ts')],
    exclude: [join(folder, 'node_modules')],
  }
}

function runCompiler(folder: string, project: string, signal: AbortSignal | undefined): Promise<string> {
  const args = ['--no-warnings', findCompiler(), '--project', project, '--pretty', 'false']
  const options = {cwd: folder, signal, maxBuffer: OUTPUT_BYTES, windowsHide: true}
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (!error || (typeof error.code === 'number' && stdout !== '')) resolve(stdout)
      else reject(signal?.aborted ? signal.reason : new Error(stderr.trim() || error.message, {cause: error}))
    })
  })
}

/** `main.ts(3,5): error TS2322: …`, indented lines continue the one above; a line without a place is about the settings. */
function parseProblems(output: string): BuildProblem[] {
  const problems: BuildProblem[] = []
  for (const line of output.split(/\r?\n/)) {
    const found = /^(?:(.+)\((\d+),(\d+)\): )?error (TS\d+): (.*)$/.exec(line)
    const last = problems.at(-1)
    if (found) problems.push(toProblem(found))
    else if (last && /^\s+\S/.test(line)) last.message += `\n${line}`
  }
  return problems
}

function toProblem([, file, line, column, code, message]: RegExpExecArray): BuildProblem {
  const place = file === undefined ? {} : {file, line: Number(line), column: Number(column)}
  return {...place, message: `${message} (${code})`}
}
