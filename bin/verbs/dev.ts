import {type Client, createClient} from '../client.ts'
import {type Deployed, deployBuild} from '../dev/deploy-build.ts'
import {followLog} from '../dev/follow-log.ts'
import {rollBack} from '../dev/roll-back.ts'
import {Failure, reportFailure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import type {Printer} from '../print.ts'
import {printReport} from '../print-report.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  keep?: boolean
}

/** `dev <dir>` */
export const dev: Verb<[folder: string], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<dir>', 'the plugin’s folder')
        .option('--keep', 'leave the last build active at the end; else what served before is swapped back in'),
    ),

  async run({arguments: [folder], options, print, signal}) {
    const {openSource} = await import('../../host/index.ts')
    const {isFolder} = await openSource(folder)
    if (!isFolder) throw new Failure('USAGE', `Cannot watch "${folder}": it is a bundle`, 'Give the plugin’s folder')
    const client = await createClient(options)
    const before = new Map<string, string | null>()
    const following = new AbortController()
    try {
      await deployChanges(folder, {client, before, print, signal, following: following.signal})
    } finally {
      following.abort()
    }
    for (const [id, version] of before) {
      if (options.keep) print.note(`${id} stays at its last build`)
      else await rollBack(client, id, version, print)
    }
    return undefined
  },
}

interface Development {
  client: Client
  /** What served before the first build, by plugin. */
  before: Map<string, string | null>
  print: Printer
  signal: AbortSignal
  /** Aborted when no log is to be followed any more. */
  following: AbortSignal
}

/** Builds and swaps after each change until Ctrl-C. What goes wrong is told; the build before goes on serving. */
async function deployChanges(folder: string, {client, before, print, signal, following}: Development): Promise<void> {
  const {watchFolder} = await import('../../host/index.ts')
  const followed = new Set<string>()
  const onWarning = (text: string): void => print.note(`${print.style('yellow', 'warning')} ${text}`)
  for await (const turn of watchFolder(folder, {signal})) {
    const changed = AbortSignal.any([turn.changed, signal])
    print.progress(`building ${folder}`)
    try {
      const deployed = await deployBuild(folder, {client, before, changed, onWarning})
      const {id} = deployed
      printDeployed(deployed, print)
      if (followed.has(id)) continue
      followed.add(id)
      void followLog(client, id, print, following).finally(() => followed.delete(id))
    } catch (error) {
      if (changed.aborted) continue
      printReport(reportFailure(error), print, {compact: true})
      print.note(print.style('dim', 'What served before goes on serving; waiting for a change'))
    }
  }
}

function printDeployed(deployed: Deployed, print: Printer): void {
  const {id, from, to, tookMs} = deployed
  print.document({deployed}, {compact: true})
  print.line(from === null ? `${id} ${to} is serving (${tookMs} ms)` : `${id} ${from} -> ${to} (${tookMs} ms)`)
}
