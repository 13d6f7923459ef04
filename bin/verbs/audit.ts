import type {AuditEntry} from '../../host/index.ts'
import {createClient} from '../client.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {parseCount} from '../parse-number.ts'
import {renderTable, renderTime} from '../render-table.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  who?: string
  action?: string
  target?: string
  before?: number
  limit: number
  verify?: boolean
  head?: string
}

/** `audit` */
export const audit: Verb<[], Options> = {
  declare: command =>
    declareServer(
      command
        .option('--who <name>', 'only what this token’s name did')
        .option('--action <operation>', 'only this: createRegistration, installBundle, …')
        .option('--target <id>', 'only what was done to this')
        .option('-n, --limit <count>', 'how many of the newest', parseCount, 20)
        .option('--before <number>', 'only entries before this one', parseCount)
        .option('--verify', 'tell whether the log is whole')
        .option('--head <hash>', 'for --verify: a hash noted earlier, which must still be in the log'),
    ),

  async run({options, signal}) {
    const {verify, head, who, action, target, before, limit} = options
    const client = await createClient(options)
    if (verify || head !== undefined) {
      const report = await client.call('verifyAudit', {query: head === undefined ? {} : {head}, signal})
      const lines = [report.message, ...(report.head === null ? [] : [`head ${report.head}`])]
      return {data: report, text: lines.join('\n'), exitCode: report.ok ? 0 : 1}
    }
    const filter = Object.entries({who, action, target, before, limit}).filter(([, value]) => value !== undefined)
    const {items} = await client.call('listAudit', {query: Object.fromEntries(filter), signal})
    return {data: items, text: renderTable(HEADING, items.map(describeEntry), 'There is no entry')}
  },
}

const HEADING = ['NUMBER', 'AT', 'WHO', 'ACTION', 'TARGET', 'DETAILS']

function describeEntry({seq, at, who, action, target, details}: AuditEntry): string[] {
  return [String(seq), renderTime(at), who, action, target, JSON.stringify(details)]
}
