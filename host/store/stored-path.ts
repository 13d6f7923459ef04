import {isAbsolute, join, relative, resolve, sep} from 'node:path'

/** Absolute paths of an older release, as far as they lie in a data folder, wherever that was. */
const OLD = /[\\/]((?:plugins|artifacts)[\\/][^\\/]+[\\/][^\\/]+)$/

/** Paths as the database keeps them: relative to the data folder, so that the folder can be moved. */
export interface StoredPaths {
  /** With `/` between the parts; absolute when it lies elsewhere. */
  store(path: string): string
  /** Absolute. */
  open(stored: string): string
}

export function createStoredPaths(dataFolder: string): StoredPaths {
  const root = resolve(dataFolder)
  return {
    store(path) {
      const inside = relative(root, resolve(path))
      if (inside === '' || inside.startsWith('..') || isAbsolute(inside)) return path
      return inside.split(sep).join('/')
    },
    open(stored) {
      if (!isAbsolute(stored)) return join(root, stored)
      const [, inside] = OLD.exec(stored) ?? []
      return inside === undefined ? stored : join(root, inside)
    },
  }
}
