import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {Json, JsonObject} from 'plugin-host/sdk'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../../../test/support/deadline.ts'
import {callFetch, callSend, manifest} from './call.ts'
import {withServer} from './servers.ts'

const test = suite('readme')
const text = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8')
const CALLS = {send: callSend, fetch: callFetch}

function readBlock(kind: string, action: string): JsonObject {
  const [, json = ''] = new RegExp(`\`\`\`json ${kind} ${action}\\n([^\`]+)\`\`\``).exec(text) ?? []
  return JSON.parse(json) as JsonObject
}

/** Runs an input against a server that answers as the sample says, at its address instead of the sample's. */
async function play(
  action: 'send' | 'fetch',
  input: JsonObject,
  sample: JsonObject,
): Promise<{output: Json; path: string}> {
  return withServer(
    (_, response) => {
      response.writeHead(Number(sample.status)).end(sample.body)
    },
    async ({url, received}) => {
      const {host, protocol} = new URL(String(input.url ?? 'https://base.example/'))
      const own = {
        ...input,
        ...(input.url !== undefined && {url: String(input.url).replace(`${protocol}//${host}`, url)}),
      }
      const {output} = await CALLS[action](input.url === undefined ? {baseUrl: url} : {}, own)
      return {
        output: {...(output as unknown as JsonObject), durationMs: sample.durationMs ?? 0},
        path: received[0]?.url ?? '',
      }
    },
  )
}

for (const action of ['send', 'fetch'] as const) {
  test(`The example of ${action} in the README gives the output it shows`, async () => {
    const sample = readBlock('output', action)
    const {output, path} = await deadline(10_000, () => play(action, readBlock('input', action), sample))
    assert.equal(output, sample)
    assert.is(path, {send: '/v1/messages', fetch: '/api/on-call?team=network'}[action])
  })

  test(`Every sample of ${action} in the manifest gives the output it shows`, async () => {
    for (const {title, input, output: sample} of manifest.actions[action]?.samples ?? []) {
      const {output} = await deadline(10_000, () => play(action, input as JsonObject, sample as JsonObject))
      assert.equal(output, sample, title)
    }
  })
}

test('Every configuration field and every permission is explained', () => {
  const properties = manifest.config?.schema.properties as {[name: string]: {properties?: object}}
  const fields = Object.entries(properties).flatMap(([name, {properties: own}]) => (own ? Object.keys(own) : [name]))
  const missing = fields.filter(name => name !== 'type' && !new RegExp(`[\`.]${name}\``).test(text))
  assert.equal(missing, [])
  assert.match(text, 'request.note')
})

test.run()
