import type {Config} from '../config.ts'

/** The limits of one bundle, from the settings under `bundle`. */
export type BundleLimits = Readonly<
  Pick<Config['bundle'], 'maxBytes' | 'maxEntries' | 'maxUnpackedBytes' | 'maxFileBytes' | 'maxRatio'>
>

/** Limits of names and headers that nobody needs to change; bytes unless said otherwise. */
export const ENTRY_LIMITS = {
  name: 512,
  segment: 255,
  /** Folders above an entry. */
  depth: 32,
  extra: 1024,
  manifest: 1024 * 1024,
  /** `maxRatio` counts only for a bundle that unpacks to more. */
  ratioFloor: 10 * 1024 * 1024,
} as const
