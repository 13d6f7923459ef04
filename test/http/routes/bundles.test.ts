import {once} from 'node:events'
import {connect} from 'node:net'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {HostError} from '../../../host/errors.ts'
import {deadline, eventually} from '../../support/deadline.ts'
import {type Answer, type Served, sendRaw, withHttp} from '../../support/http.ts'

const test = suite('bundles')

function within(run: (served: Served) => Promise<void>, settings = {}): () => Promise<void> {
  return () => deadline(30_000, withHttp(run, settings))
}

const upload = (call: Served['call'], body: Uint8Array, query = ''): Promise<Answer> =>
  call('POST', `/v1/bundles${query}`, {body, headers: {'content-type': 'application/zip'}})

function createForm(parts: {[field: string]: Uint8Array<ArrayBuffer> | string}): FormData {
  const form = new FormData()
  for (const [field, value] of Object.entries(parts)) {
    if (typeof value === 'string') form.set(field, value)
    else form.set(field, new Blob([value]), 'a.fp')
  }
  return form
}

const BYTES = Buffer.alloc(3_000_000, 'fp')

test(
  'a bundle is taken as raw bytes of any of its types, larger than any JSON may be',
  within(async ({call, host}) => {
    for (const type of ['application/zip', 'application/gzip', 'application/octet-stream']) {
      const answer = await call('POST', '/v1/bundles', {body: BYTES, headers: {'content-type': type}})
      assert.equal([answer.status, answer.headers.get('location')], [201, '/v1/plugins/echo'])
    }
    assert.is(host.uploads.filter(bytes => bytes.equals(BYTES)).length, 3)
  }),
)

test(
  'a bundle is taken as the multipart field of its name',
  within(async ({call, host}) => {
    const answer = await call('POST', '/v1/bundles', {body: createForm({note: 'hello', bundle: BYTES})})
    assert.equal([answer.status, host.uploads[0]?.equals(BYTES)], [201, true])
  }),
)

test(
  'a bundle that is there already is 200',
  within(async ({call, host}) => {
    host.install = () => ({id: 'echo', created: false})
    const answer = await upload(call, BYTES)
    assert.equal([answer.status, answer.headers.get('location')], [200, '/v1/plugins/echo'])
  }),
)

test(
  'activate=false stages it, and nothing but true and false is read',
  within(async ({call, host}) => {
    const asked: boolean[] = []
    host.install = (_bytes, activate) => {
      asked.push(activate)
      return {id: 'echo', created: true}
    }
    for (const query of ['', '?activate=true', '?activate=false'])
      assert.is((await upload(call, BYTES, query)).status, 201)
    assert.equal(asked, [true, true, false])
    for (const query of ['?activate=nope', '?active=false']) assert.is((await upload(call, BYTES, query)).status, 400)
  }),
)

test(
  'consent and force are handed on with who asked; a version that is held back is a refusal, and staged',
  within(async ({call, host}) => {
    let given: unknown
    host.installBundle = async (source, options) => {
      if (typeof source !== 'string') for await (const _ of source);
      given = options
      throw new HostError('CONSENT_NEEDED', {id: 'echo', version: '2.0.0', reason: 'other programs', staged: true})
    }
    const {status, json} = await upload(call, BYTES, '?consent=false&force=true')
    assert.equal(given, {consent: false, force: true, by: 'admin'})
    assert.is(status, 409)
    assert.match((json as {detail: string}).detail, /other programs\nIt is installed, and staged. Agree to it/)
    assert.is((await upload(call, BYTES, '?consent=2')).status, 400)
  }),
)

test(
  'a refused bundle lists every problem with code, place and remedy',
  within(async ({call, host}) => {
    const problems = [
      {code: 'ENTRY_LINK', place: 'a/link', message: 'is a link', remedy: 'Pack regular files only'},
      {code: 'MANIFEST_KEY', place: '/actions/x', message: 'is not a known key'},
    ]
    host.install = () => {
      throw new HostError('BUNDLE_UNREADABLE', {reason: '2 problems', problems})
    }
    const {status, json} = await upload(call, BYTES)
    assert.equal([status, (json as {problems: unknown}).problems], [422, problems])
  }),
)

test(
  'a host that stops reading in the middle still gets its refusal to the client',
  within(async ({call, host}) => {
    host.installBundle = async source => {
      if (typeof source !== 'string') for await (const _chunk of source) break
      throw new HostError('BUNDLE_TOO_LARGE', {reason: 'it has more than 10 bytes'})
    }
    for (const body of [BYTES, createForm({bundle: BYTES})]) {
      const answer = await call('POST', '/v1/bundles', {
        body,
        ...(body === BYTES && {headers: {'content-type': 'application/zip'}}),
      })
      assert.equal([answer.status, (answer.json as {code: string}).code], [413, 'BUNDLE_TOO_LARGE'])
    }
  }),
)

test(
  'a host that does not read at all gets its refusal to the client',
  within(async ({call, host}) => {
    host.installBundle = async () => {
      throw new HostError('HOST_STOPPING')
    }
    assert.is((await upload(call, BYTES)).status, 503)
    assert.is((await call('POST', '/v1/bundles', {body: createForm({bundle: BYTES})})).status, 503)
  }),
)

test(
  'a form without the field, with text in it, or with broken parts is refused',
  within(async ({call, host}) => {
    for (const parts of [{}, {other: BYTES}, {bundle: 'text'}]) {
      const answer = await call('POST', '/v1/bundles', {body: createForm(parts)})
      assert.equal(
        [answer.status, (answer.json as {code: string}).code],
        [400, 'REQUEST_INVALID'],
        JSON.stringify(Object.keys(parts)),
      )
    }
    const open = '--b\r\ncontent-disposition: form-data; name="bundle"; filename="a"\r\n\r\nbytes without an end'
    for (const body of ['', 'garbage', open]) {
      const answer = await call('POST', '/v1/bundles', {
        body,
        headers: {'content-type': 'multipart/form-data; boundary=b'},
      })
      assert.is(answer.status, 400, body)
    }
    assert.is(
      (await call('POST', '/v1/bundles', {body: open, headers: {'content-type': 'multipart/form-data'}})).status,
      400,
    )
    assert.is(host.uploads.length, 0)
  }),
)

test(
  'nothing sent, or something else, is refused',
  within(async ({call}) => {
    assert.is((await call('POST', '/v1/bundles')).status, 400)
    assert.is((await call('POST', '/v1/bundles', {body: {}})).status, 415)
    assert.is((await call('POST', '/v1/bundles', {body: 'x', headers: {'content-type': 'text/html'}})).status, 415)
  }),
)

test(
  'a client that leaves in the middle of its upload installs nothing',
  within(async ({port, host}) => {
    let failure: unknown
    const install = host.installBundle
    host.installBundle = (...parameters) =>
      install(...parameters).catch((error: unknown) => {
        failure = error
        throw error
      })
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST /v1/bundles HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer admin-token\r\nContent-Type: application/zip\r\nContent-Length: 1000\r\n\r\nPK`,
    )
    await once(socket, 'connect')
    setImmediate(() => socket.destroy())
    await eventually(5000, () => failure)
    assert.match(String(failure), 'the upload ended early')
    assert.is(host.uploads.length, 0)
  }),
)

test(
  'an upload that does not arrive in its time is cut off',
  within(
    async ({port, host}) => {
      const head =
        'POST /v1/bundles HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer admin-token\r\nContent-Type: application/zip\r\n'
      assert.match(await sendRaw(port, `${head}Content-Length: 1000\r\n\r\nPK`), /^HTTP\/1\.1 408 .*REQUEST_TIMEOUT/s)
      assert.is(host.uploads.length, 0)
    },
    {uploadTimeoutMs: 400, requestTimeoutMs: 400, headerTimeoutMs: 300},
  ),
)

test(
  'an upload without a token is refused before it is read',
  within(async ({call, host}) => {
    const answer = await call('POST', '/v1/bundles', {
      body: BYTES,
      token: null,
      headers: {'content-type': 'application/zip'},
    })
    assert.equal([answer.status, host.uploads.length], [401, 0])
  }),
)

test.run()
