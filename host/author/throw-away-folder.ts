import {chmodSync, mkdtempSync, readdirSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {removeTree} from '../bundle/staging.ts'
import {holdProcess} from '../clock.ts'

/** Runs with a private folder that is gone afterwards, also when this process exits in between. */
export async function withThrowAwayFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'plugin-host-'))
  // A second Ctrl-C, or a reader that closed the pipe, ends this process without its `finally` blocks.
  const onExit = (): void => removeNow(folder)
  process.once('exit', onExit)
  // A crashed plugin that waits for its restart is no reason to exit.
  const letGo = holdProcess()
  try {
    return await run(folder)
  } finally {
    await removeTree(folder)
    letGo()
    process.off('exit', onExit)
  }
}

function removeNow(folder: string): void {
  try {
    openFolders(folder)
    rmSync(folder, {recursive: true, force: true, maxRetries: 3})
  } catch {
    // There is nobody left to tell.
  }
}

/** Unpacked bundles are read-only. */
function openFolders(folder: string): void {
  chmodSync(folder, 0o700)
  for (const entry of readdirSync(folder, {withFileTypes: true}))
    if (entry.isDirectory()) openFolders(join(folder, entry.name))
}
