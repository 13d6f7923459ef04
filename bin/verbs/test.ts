import {createClient} from '../client.ts'
import {describeTestReport} from '../describe-test-report.ts'
import {declareServer, type ServerOptions} from '../find-server.ts'
import {readJsonObject} from '../read-json.ts'
import type {Verb} from '../verb.ts'

interface Options extends ServerOptions {
  config?: string
}

/** `test <registration>` */
export const test: Verb<[id: string], Options> = {
  declare: command =>
    declareServer(
      command
        .argument('<registration>', 'its id')
        .option('--config <json>', 'try this configuration instead of the kept one: JSON, @file, or - for stdin'),
    ),

  async run({arguments: [id], options, signal}) {
    const body = options.config === undefined ? {} : {config: await readJsonObject(options.config, '--config')}
    const client = await createClient(options)
    const report = await client.call('testRegistration', {params: {rid: id}, body, signal})
    return {data: report, text: describeTestReport(report), exitCode: report.ok ? 0 : 1}
  },
}
