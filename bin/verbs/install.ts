import {createReadStream} from 'node:fs'
import {stat} from 'node:fs/promises'
import {pipeline, type Readable, Transform} from 'node:stream'
import type {InstallResult} from '../../host/index.ts'
import {withConsent} from '../ask-consent.ts'
import {createClient} from '../client.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {renderBytes} from '../render-table.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  activate: boolean
  consent?: boolean
  force?: boolean
}

/** `install <f.fp>` */
export const install: Verb<[file: string], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<file>', 'the bundle (.fp, or .tgz as npm pack writes it)')
        .option('--no-activate', 'only stage it: the version that serves keeps serving')
        .option('--consent', 'agree to permissions that grow')
        .option('--force', 'make it active although it breaks mappings, rules or configurations'),
    ),

  async run({arguments: [file], options, print, signal}) {
    const bytes = await measureFile(file)
    const client = await createClient(options)
    const send = (consent: boolean): Promise<InstallResult> => {
      const told = (sent: number): void => print.progress(`sending ${file}: ${Math.floor((sent / bytes) * 100)} %`)
      const body = {data: openFile(file, bytes, told), type: 'application/zip', bytes} as const
      const query = {
        activate: options.activate ? undefined : false,
        consent: consent || undefined,
        force: options.force,
      }
      return client.call('installBundle', {body, query, signal})
    }
    const installed = await withConsent(send, options.consent ?? false, print)
    return {data: installed, text: describeInstall(installed, bytes)}
  },
}

function describeInstall({id, version, created, activated, registration}: InstallResult, bytes: number): string {
  const known = activated ? 'was installed already, and is active now' : 'was installed already'
  const state = !created ? known : activated ? 'installed and active' : 'installed, staged'
  const next = registration ? `\nTry it: plugin-host execute ${registration} <action> --input '{...}'` : ''
  return `${id} ${version} (${renderBytes(bytes)}): ${state}${next}`
}

async function measureFile(file: string): Promise<number> {
  const stats = await stat(file).catch(() => undefined)
  if (!stats) throw new Failure('BUNDLE_NOT_FOUND', `Cannot open bundle "${file}": no such file`)
  if (stats.isFile() && stats.size > 0) return stats.size
  if (stats.isFile()) throw new Failure('BUNDLE_UNREADABLE', `Cannot open bundle "${file}": it is empty`)
  throw new Failure('USAGE', `Cannot install "${file}": it is no file`, 'Build it first: plugin-host build <dir>')
}

function openFile(file: string, bytes: number, onSent: (bytes: number) => void): Readable {
  let sent = 0
  const count = new Transform({
    transform(chunk: Buffer, _, done) {
      sent += chunk.length
      onSent(sent)
      done(null, chunk)
    },
  })
  return pipeline(createReadStream(file, {end: bytes - 1}), count, () => {})
}
