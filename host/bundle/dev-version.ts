/** Marks the builds of `plugin-host dev`, which come by the dozen. */
const DEV_BUILD = /[-.]dev\.\d+$/

/** A pre-release of the version, so that it can be installed beside it; `build` is a number that grows. */
export function composeDevVersion(version: string, build: number): string {
  const [release = version] = version.split('+')
  return `${release}${release.includes('-') ? '.' : '-'}dev.${build}`
}

export const isDevVersion = (version: string): boolean => DEV_BUILD.test(version)
