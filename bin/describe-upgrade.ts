import type {Rehearsal, UpgradeReport} from '../host/index.ts'

type Permissions = UpgradeReport['permissions']['added']

/** What a version would change, line by line; what stays as it is is left out. */
export function describeUpgrade(report: UpgradeReport): string {
  const {plugin, from, to, permissions, actions, schemas, registrations, rehearsal} = report
  return [
    `${plugin} ${from ?? 'nothing'} -> ${to}`,
    ...describePermissions(permissions.added).map(text => `permission  + ${text}`),
    ...describePermissions(permissions.removed).map(text => `permission  - ${text}`),
    ...actions.added.map(name => `action      + ${name}`),
    ...actions.removed.map(name => `action      - ${name}`),
    ...schemas.map(({place, field, change, detail, breaking}) => {
      const text = [place, field, change].filter(part => part !== '').join(' ')
      return `schema      ${breaking ? '!' : ' '} ${text}${detail && `: ${detail}`}`
    }),
    ...registrations.flatMap(({registration, migrated, problems}) => [
      ...(migrated ? [`config        ${registration} is migrated`] : []),
      ...problems.map(problem => `config      ! ${registration}: ${problem}`),
    ]),
    ...listBroken(report),
    ...(rehearsal ? [describeRehearsal(rehearsal)] : []),
    describeVerdict(report),
  ].join('\n')
}

export function describeRehearsal({same, differs, failed, skipped, executions}: Rehearsal): string {
  const lines = executions.flatMap(({execution, action, result, message, differences}) => {
    if (result === 'same') return []
    return [
      `  ${execution} ${action}: ${result}${message && `: ${message}`}`,
      ...differences.map(
        ({pointer, before, after}) => `    ${pointer}: ${JSON.stringify(before)} -> ${JSON.stringify(after)}`,
      ),
    ]
  })
  return [`rehearsal     ${same} same, ${differs} differ, ${failed} failed, ${skipped} skipped`, ...lines].join('\n')
}

function listBroken({brokenMappings, brokenRules}: UpgradeReport): string[] {
  return [
    ...brokenMappings.map(
      ({registration, mapping, pointer, message}) =>
        `breaks      ! mapping "${mapping}" of registration "${registration}", ${pointer}: ${message}`,
    ),
    ...brokenRules.map(({message}) => `breaks      ! ${message}`),
  ]
}

function describeVerdict({ok, needsConsent}: UpgradeReport): string {
  const consent = needsConsent ? 'it needs --consent' : ''
  if (!ok) return `It is refused without --force${consent && `, and ${consent}`}`
  return `Nothing speaks against it${consent && `, but ${consent}`}`
}

function describePermissions(permissions: Permissions): string[] {
  const {net = [], exec, workers, addons, hostApi = [], effects = []} = permissions
  return [
    ...net.map(host => `network: ${host}`),
    ...(exec ? ['other programs'] : []),
    ...(workers ? ['worker threads'] : []),
    ...(addons ? ['native add-ons'] : []),
    ...hostApi,
    ...effects,
  ]
}
