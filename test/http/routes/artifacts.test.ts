import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {describeDownload, isMediaType} from '../../../host/http/routes/artifacts.ts'
import {deadline} from '../../support/deadline.ts'
import {type Served, withHttp} from '../../support/http.ts'
import {withTempFolder} from '../../support/temp.ts'

const test = suite('artifacts')

function withArtifact(
  {name, type, bytes}: {name: string; type: string; bytes: string},
  run: (served: Served, path: string) => Promise<void>,
): Promise<void> {
  return deadline(
    20_000,
    withTempFolder(async folder => {
      const file = join(folder, 'part')
      await writeFile(file, bytes)
      await withHttp(async served => {
        await served.call('POST', '/v1/registrations/echo/actions/echo/execute', {body: {}})
        served.host.artifacts.set(name, {path: file, type})
        await run(served, `/v1/executions/e1/artifacts/${encodeURIComponent(name)}`)
      })
    }),
  )
}

test('a file comes whole, as a download in its own type', () => {
  const bytes = 'a;b\n'.repeat(200_000)
  return withArtifact({name: 'report.csv', type: 'text/csv; charset=utf-8', bytes}, async ({call}, path) => {
    const {status, headers, text} = await call('GET', path)
    assert.equal([status, text === bytes, headers.get('content-length')], [200, true, String(bytes.length)])
    assert.is(headers.get('content-type'), 'text/csv; charset=utf-8')
    assert.is(headers.get('content-disposition'), `attachment; filename="report.csv"; filename*=UTF-8''report.csv`)
    assert.is(headers.get('x-content-type-options'), 'nosniff')
    assert.match(headers.get('content-security-policy') ?? '', 'sandbox')
  })
})

test('an empty file is a file', () =>
  withArtifact({name: 'empty', type: 'text/plain', bytes: ''}, async ({call}, path) => {
    const {status, headers, text} = await call('GET', path)
    assert.equal([status, headers.get('content-length'), text], [200, '0', ''])
  }))

test('a type that could break out of its header is replaced', () =>
  withArtifact({name: 'x', type: 'text/html\r\nset-cookie: a=b', bytes: 'x'}, async ({call}, path) => {
    const {headers} = await call('GET', path)
    assert.equal([headers.get('content-type'), headers.get('set-cookie')], ['application/octet-stream', null])
  }))

test('what is not there is a problem, be it the execution, the name or the file', () =>
  withArtifact({name: 'x', type: 'text/plain', bytes: 'x'}, async ({call, host}, path) => {
    host.artifacts.set('gone', {path: join(import.meta.dirname, 'absent'), type: 'text/plain'})
    const codes = await Promise.all(
      [path.replace('e1', 'e9'), `${path}y`, path.replace(/x$/, 'gone')].map(async wanted => {
        const {status, json} = await call('GET', wanted)
        return `${status} ${(json as {code: string}).code}`
      }),
    )
    assert.equal(codes, ['404 EXECUTION_NOT_FOUND', '404 ARTIFACT_NOT_FOUND', '404 ARTIFACT_NOT_FOUND'])
  }))

test('any name is told safely, in plain and exactly', () => {
  assert.is(
    describeDownload(`a"b\r\nc/../é'.csv`),
    `attachment; filename="a_b__c_..___.csv"; filename*=UTF-8''a%22b%0D%0Ac%2F..%2F%C3%A9%27.csv`,
  )
  assert.match(describeDownload('\ud800'), '%EF%BF%BD')
})

test('media types are told from what only looks like one', () => {
  const good = ['text/csv', 'application/vnd.ms-excel', 'image/svg+xml', 'text/plain; charset=utf-8']
  const bad = ['', 'text', 'text/', '/csv', 'text/csv\n', 'text/csv; a="b"', 'a b/c', `text/${'x'.repeat(65)}`]
  assert.equal([...good, ...bad].filter(isMediaType), good)
})

test.run()
