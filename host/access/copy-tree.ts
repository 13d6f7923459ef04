import {constants} from 'node:fs'
import {copyFile, link, lstat, mkdir, readdir} from 'node:fs/promises'
import {dirname, join} from 'node:path'

export interface CopyOptions {
  /** Gives the copy the same blocks on the disk, for files that are never written to again. */
  share?: boolean
  /** What is gone before its turn is left out. */
  changing?: boolean
}

/** Copies regular files and folders; links, sockets and devices are left out. Of file systems that can, blocks are shared. */
export async function copyTree(source: string, target: string, options: CopyOptions = {}): Promise<void> {
  const entries = await readdir(source, {withFileTypes: true}).catch(orGone(options))
  if (!entries) return
  await mkdir(target, {recursive: true, mode: 0o700})
  for (const entry of entries) {
    const paths = [join(source, entry.name), join(target, entry.name)] as const
    if (entry.isDirectory()) await copyTree(...paths, options)
    else if (entry.isFile()) await copyOne(...paths, options)
  }
}

export async function copyOne(source: string, target: string, options: CopyOptions = {}): Promise<void> {
  await mkdir(dirname(target), {recursive: true, mode: 0o700})
  const isLinked = options.share === true && (await link(source, target).then(...YES_OR_NO))
  if (!isLinked) await copyFile(source, target, constants.COPYFILE_FICLONE).catch(orGone(options))
}

/** Bytes of all files below a folder; what is gone counts nothing. */
export async function measureTree(folder: string): Promise<number> {
  const entries = await readdir(folder, {withFileTypes: true}).catch(orGone({changing: true}))
  let bytes = 0
  for (const entry of entries ?? []) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) bytes += await measureTree(path)
    else bytes += (await lstat(path).catch(orGone({changing: true})))?.size ?? 0
  }
  return bytes
}

const YES_OR_NO = [() => true, () => false] as const

function orGone({changing = false}: CopyOptions): (error: NodeJS.ErrnoException) => undefined {
  return error => {
    if (changing && error.code === 'ENOENT') return undefined
    throw error
  }
}
