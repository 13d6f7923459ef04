import {lstat, mkdir, rename, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {type ErrorCode, HostError} from '../errors.ts'
import {type BundleProblemCode, listProblems} from './bundle-problems.ts'

/**
 * What became of a file: installed and gone, moved aside, or left for another time: because it was written to meanwhile
 * (`changed`), because it seems not to be whole yet (`doubted`), or for a reason that is not its own (`failed`).
 */
export type TakenDrop = {name: 'installed' | 'refused' | 'changed' | 'doubted'} | {name: 'failed'; error: unknown}

const REFUSED = 'refused'
/** What a bundle looks like while it is still being copied. */
const CUT_OFF: readonly BundleProblemCode[] = [
  'FORMAT_UNKNOWN',
  'ZIP_NO_END',
  'ZIP_TRAILING_BYTES',
  'TAR_TRUNCATED',
  'TAR_DATA_BROKEN',
]

/** Installs one dropped file and clears it away. Never rejects. With `patient` a file that seems cut off is left there. */
export async function takeDrop(
  folder: string,
  name: string,
  {mark, patient, install}: {mark: string; patient: boolean; install: (path: string) => Promise<unknown>},
): Promise<TakenDrop> {
  const path = join(folder, name)
  try {
    const refusal = await install(path).then(
      () => undefined,
      (error: unknown) => ({error}),
    )
    // Written to or replaced meanwhile: what is there now has not been judged yet.
    if (mark !== (await readMark(path))) return {name: 'changed'}
    if (refusal && isPassing(refusal.error)) return {name: 'failed', error: refusal.error}
    if (refusal && patient && seemsCutOff(refusal.error)) return {name: 'doubted'}
    if (refusal) await moveAside(folder, name, refusal.error)
    else await rm(path, {force: true})
    return {name: refusal ? 'refused' : 'installed'}
  } catch (error) {
    return {name: 'failed', error}
  }
}

/** Tells one state of a file from another; undefined when there is no regular file. */
export async function readMark(path: string): Promise<string | undefined> {
  const stat = await lstat(path).catch(() => undefined)
  return stat?.isFile() ? [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ') : undefined
}

async function moveAside(folder: string, name: string, error: unknown): Promise<void> {
  const refused = join(folder, REFUSED)
  await mkdir(refused, {recursive: true})
  await writeFile(join(refused, `${name}.reason.txt`), explain(name, error))
  await rename(join(folder, name), join(refused, name))
}

function explain(name: string, error: unknown): string {
  const code = error instanceof HostError ? error.code : 'HOST_INTERNAL'
  const text = error instanceof Error ? error.message : String(error)
  const lines = (listProblems(error) ?? []).map(
    problem => `${problem.code}  ${problem.place || '-'}  ${problem.message}. ${problem.remedy}`,
  )
  return `${[`${name} was refused: ${code}`, text, ...lines].join('\n')}\n`
}

const PASSING: readonly ErrorCode[] = ['HOST_STORE_FAILED', 'HOST_STOPPING', 'AUDIT_FAILED']

/** A failure that says nothing about the bundle. */
function isPassing(error: unknown): boolean {
  return error instanceof HostError && PASSING.some(code => code === error.code)
}

function seemsCutOff(error: unknown): boolean {
  return (listProblems(error) ?? []).some(({code}) => CUT_OFF.includes(code))
}
