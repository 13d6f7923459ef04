import type {TestReport} from '../../host/index.ts'
import {createClient, joinPath} from '../client.ts'
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
    const config = options.config === undefined ? {} : {config: await readJsonObject(options.config, '--config')}
    const client = await createClient(options)
    const path = joinPath('v1', 'registrations', id, 'test')
    const report = await client.request<TestReport>('POST', path, {json: config, signal})
    return {data: report, text: describeReport(report), exitCode: report.ok ? 0 : 1}
  },
}

function describeReport({ok, stages, error, durationMs}: TestReport): string {
  const lines = stages.map(stage => {
    const message = stage.message ? `: ${stage.message}` : ''
    return `${stage.ok ? 'ok    ' : 'failed'} ${stage.name} (${Math.round(stage.durationMs)} ms)${message}`
  })
  const reason = error ? [`${error.code} ${error.message}`, ...(error.hint ? [`  ${error.hint}`] : [])] : []
  return [...lines, ...reason, `${ok ? 'it works' : 'it does not work'} (${Math.round(durationMs)} ms)`].join('\n')
}
