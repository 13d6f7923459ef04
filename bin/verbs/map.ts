import type {JsonObject} from '../../runtime/protocol.ts'
import {type Client, createClient} from '../client.ts'
import {describeMapping, describeMappings, describePreview} from '../describe-mapping.ts'
import {Failure} from '../failure.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {findOnly} from '../one-of.ts'
import type {Operations} from '../operations.types.ts'
import {readBody, readJsonObject} from '../read-json.ts'
import type {Result, Verb} from '../verb.ts'

type Definition = Operations['saveMapping']['body']

interface Options extends ServerOptions {
  set?: string
  remove?: boolean
  preview?: string
  with?: string
}

/** `map <registration> [name]` */
export const map: Verb<[registration: string, name: string | undefined], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<registration>', 'its id')
        .argument('[name]', 'show this mapping in full')
        .option('--set <json>', 'make or replace it: JSON, @file, or - for stdin')
        .option('--remove', 'remove it')
        .option('--preview <record>', 'show what it makes of a record: an id such as request:12, JSON, or @file')
        .option('--with <json>', 'with --preview: of this mapping, which is not saved'),
    ),

  async run({arguments: [rid, name], options, signal}) {
    refuseContradictions(name, options)
    const definition = await readDefinition(options)
    const record = options.preview === undefined ? undefined : await readRecord(options.preview)
    const client = await createClient(options)
    if (record !== undefined)
      return preview(client, {registration: rid, mapping: definition ?? name ?? '', record}, signal)
    if (name === undefined) {
      const {items} = await client.call('listMappings', {params: {rid}, signal})
      return {data: items, text: describeMappings(items)}
    }
    const params = {rid, name}
    if (options.remove) {
      await client.call('removeMapping', {params, signal})
      return {data: {registration: rid, name}, text: `${rid}/${name}: removed`}
    }
    const found = definition
      ? await client.call('saveMapping', {params, body: definition, signal})
      : await client.call('getMapping', {params, signal})
    return {data: found, text: describeMapping(found)}
  },
}

function refuseContradictions(name: string | undefined, options: Options): void {
  const act = findOnly(options, ['set', 'remove', 'preview'])
  const usage = (message: string): Failure => new Failure('USAGE', `Cannot use these options: ${message}`)
  if (options.with !== undefined && act !== 'preview') throw usage('--with goes with --preview')
  if (act !== undefined && name === undefined && options.with === undefined)
    throw usage(`--${act} needs the name of a mapping`)
  if (options.with !== undefined && name !== undefined) throw usage('--with and a name both say which mapping')
}

async function readDefinition({set, with: given}: Options): Promise<Definition | undefined> {
  const [option, text] = set === undefined ? ['--with', given] : ['--set', set]
  return text === undefined ? undefined : readBody<Definition>(text, option)
}

async function readRecord(given: string): Promise<string | JsonObject> {
  return given === '-' || /^[{@]/.test(given) ? readJsonObject(given, '--preview') : given
}

async function preview(
  client: Client,
  body: Operations['previewMapping']['body'],
  signal: AbortSignal,
): Promise<Result> {
  const found = await client.call('previewMapping', {body, signal})
  return {data: found, text: describePreview(found), exitCode: found.ok ? 0 : 1}
}
