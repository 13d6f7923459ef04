import type {Manifest} from './manifest.ts'

/** Why a plugin cannot be sealed: Node seals its own code only. undefined when it can. */
export function refuseSeal({process, permissions}: Manifest): string | undefined {
  if (process?.command) return 'a plugin that is a program of its own cannot be sealed'
  return permissions?.addons ? 'a plugin with native add-ons cannot be sealed' : undefined
}
