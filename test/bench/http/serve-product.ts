/** A worker with the product as `npm start` runs it: `node serve-product.ts <data folder> <bundle> [bundle to stage]...`. */
import {readFile} from 'node:fs/promises'
import {loadConfig, type MappingDefinition, startServer} from '../../../host/index.ts'
import {answerParent} from '../worker.ts'

export interface ProductAddress {
  url: string
  token: string
  plugin: string
}

/** Fills the input from a ticket: the same bytes as the load that brings its input along. */
const MAPPING: MappingDefinition = {
  action: 'echo',
  rows: [
    {target: 'subject', template: '{#Subject}'},
    {target: 'priority', template: '2'},
    {target: 'tags', template: '{#Category|split:","}'},
    {target: 'text', template: '{#Description|trim}'},
  ],
}

const [dataFolder = '', first = '', ...staged] = process.argv.slice(2)
const server = await startServer(loadConfig({dataFolder, logLevel: 'warn', http: {port: 0}}))

async function install(): Promise<ProductAddress> {
  const {id} = await server.host.installBundle(first)
  await server.host.saveMapping(id, 'bench', MAPPING, 'bench')
  for (const bundle of staged) await server.host.installBundle(bundle, {activate: false})
  return {url: server.url, token: (await readFile(server.tokenFile, 'utf8')).trim(), plugin: id}
}

answerParent(install, () => server.stop())
