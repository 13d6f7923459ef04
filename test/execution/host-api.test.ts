import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import type {AddressInfo} from 'node:net'
import {suite} from 'uvu'
import {equal, is, match, not} from 'uvu/assert'
import {createHostApi} from '../../host/execution/host-api.ts'
import {isHostAllowed} from '../../host/execution/match-host.ts'
import {createDesk} from '../../host/main-server/desk.ts'
import {type FetchResult, HOST_API_METHODS, type HostApiMethod, type Json} from '../../runtime/protocol.ts'
import {deadline} from '../support/deadline.ts'
import {refusal} from '../support/executor.ts'
import {type StoreTest, withStore} from '../support/store.ts'

const test = suite('host-api')

interface ApiTest extends StoreTest {
  desk: ReturnType<typeof createDesk>
  call(method: string, params: unknown, plugin?: string): Promise<unknown>
}

function withApi(
  run: (test: ApiTest) => Promise<void>,
  net: string[] = [],
  hostApi: HostApiMethod[] = [...HOST_API_METHODS],
) {
  return withStore(async base => {
    const desk = createDesk(base.store, base.clock)
    const api = createHostApi({mainServer: desk, store: base.store})
    const permissions = {net, exec: false, workers: false, addons: false, hostApi, effects: []}
    await run({...base, desk, call: (method, params, id = 'echo') => api.handle({id, permissions}, method, params)})
  })
}

test('each method needs the permission of its name, and no other method exists', () =>
  withApi(
    async ({call}) => {
      for (const method of [...HOST_API_METHODS.filter(name => name !== 'kv.get'), 'constructor', 'execute', '']) {
        is((await refusal(call(method, {key: 'k', id: '1', url: 'http://127.0.0.1/'}))).code, 'HOST_API_DENIED', method)
      }
      equal(await call('kv.get', {key: 'k'}), {value: null})
    },
    ['*'],
    ['kv.get'],
  ))

test('requests and assets of the main server are found and read', () =>
  withApi(async ({call, desk}) => {
    desk.createRequest({subject: 'One'})
    const context = {execution: 'e', plugin: 'echo', by: 'x'}
    await desk.applyEffect({op: 'asset.upsert', asset: {name: 'sw', nativeKey: 'k'}}, context)
    const found = (await call('requests.search', {text: 'one', limit: 5})) as {total: number}
    is(found.total, 1)
    const got = (await call('requests.get', {id: '1'})) as {item: {subject: string}}
    is(got.item.subject, 'One')
    equal(await call('requests.get', {id: '9'}), {item: null})
    is(((await call('assets.search', {where: {nativeKey: 'k'}})) as {total: number}).total, 1)
    is(((await call('assets.get', {id: '1'})) as {item: {name: string}}).item.name, 'sw')
  }))

test('values are kept for each plugin by itself, and are on the disk when answered', () =>
  withApi(async ({call, store}) => {
    const value: Json = {list: [1, null, 'x']}
    await call('kv.set', {key: 'k', value})
    equal(store.kv.get('echo', 'k'), value)
    equal(await call('kv.get', {key: 'k'}), {value})
    equal(await call('kv.get', {key: 'k'}, 'other'), {value: null})
    await call('kv.delete', {key: 'k'}, 'other')
    equal(await call('kv.get', {key: 'k'}), {value})
    await call('kv.delete', {key: 'k'})
    equal(await call('kv.get', {key: 'k'}), {value: null})
    await call('kv.delete', {key: 'k'})
  }))

test('parameters out of shape or out of size are refused with their place', () =>
  withApi(async ({call}) => {
    const refused: [method: string, params: unknown, place: RegExp][] = [
      ['kv.get', {}, /\/key is required/],
      ['kv.get', null, /must be object/],
      ['kv.get', {key: 'x'.repeat(513)}, /\/key/],
      ['kv.set', {key: 'k', value: 'x'.repeat(65_535)}, /65537 bytes/],
      ['requests.get', {id: 5}, /\/id must be string/],
      ['requests.search', {limit: 1001}, /\/limit/],
      ['requests.search', {wher: {}}, /\/wher is not a known key/],
      ['http.fetch', {url: 'http://x/', method: 'BREW'}, /\/method/],
      ['http.fetch', {url: 'http://x/', timeoutMs: 120_001}, /\/timeoutMs/],
    ]
    for (const [method, params, place] of refused) {
      const error = await refusal(call(method, params))
      is(error.code, 'INPUT_INVALID')
      match(error.message, place)
    }
    await call('kv.set', {key: 'x'.repeat(512), value: 'x'.repeat(65_534)})
  }))

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void

/** A server on loopback; `localhost` and `127.0.0.1` are two hosts to the permission check. */
async function withServer(answer: Answer, run: (port: number) => Promise<void>): Promise<void> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', chunk => (body += chunk))
    request.on('end', () => answer(request, response, body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  try {
    await run((server.address() as AddressInfo).port)
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}

const show: Answer = ({method, url, headers}, response, body) => {
  response.setHeader('x-made', 'here')
  response.end(
    JSON.stringify({method, url, body, auth: headers.authorization ?? null, type: headers['content-type'] ?? null}),
  )
}

function withFetch(
  answer: Answer,
  run: (fetch: (params: object) => Promise<FetchResult>, port: number) => Promise<void>,
) {
  return deadline(10_000, () =>
    withServer(answer, port =>
      withApi(({call}) => run(params => call('http.fetch', params) as Promise<FetchResult>, port), ['127.0.0.1']),
    ),
  )
}

test('a call goes out to a permitted host and comes back whole', () =>
  withFetch(show, async (fetch, port) => {
    const headers = {authorization: 'Bearer x', 'content-type': 'text/x'}
    const result = await fetch({url: `http://127.0.0.1:${port}/p?q=1`, method: 'POST', headers, body: 'hällo'})
    is(result.status, 200)
    is(result.headers['x-made'], 'here')
    const seen = {method: 'POST', url: '/p?q=1', body: 'hällo', auth: 'Bearer x', type: 'text/x'}
    equal(JSON.parse(result.body), seen)
  }))

test('another host, another scheme, credentials in the URL and the connection’s own headers are refused', () =>
  withFetch(show, async (fetch, port) => {
    is((await refusal(fetch({url: `http://localhost:${port}/`}))).code, 'HOST_API_DENIED')
    for (const url of ['file:///etc/passwd', 'ftp://127.0.0.1/', 'no url', `http://u:p@127.0.0.1:${port}/`]) {
      is((await refusal(fetch({url}))).code, 'HOST_API_FAILED', url)
    }
    for (const headers of [{Host: 'other'}, {'transfer-encoding': 'chunked'}, {'x-a': 'b\r\nx-c: d'}]) {
      is((await refusal(fetch({url: `http://127.0.0.1:${port}/`, headers}))).code, 'HOST_API_FAILED')
    }
  }))

test('each redirect is checked; a permitted one is followed as browsers do', () =>
  withFetch(
    (request, response, body) => {
      const [, status, target] = /^\/to\/(\d+)\/(.*)$/.exec(request.url ?? '') ?? []
      if (status) response.writeHead(Number(status), {location: decodeURIComponent(target ?? '')}).end()
      else show(request, response, body)
    },
    async (fetch, port) => {
      const to = (status: number, target: string): string =>
        `http://127.0.0.1:${port}/to/${status}/${encodeURIComponent(target)}`
      const send = (url: string): Promise<FetchResult> =>
        fetch({url, method: 'POST', body: 'b', headers: {authorization: 'x', 'content-type': 'text/x'}})
      const elsewhere = await refusal(send(to(302, `http://localhost:${port}/secret`)))
      is(elsewhere.code, 'HOST_API_DENIED')
      is((await refusal(send(to(302, 'file:///etc/passwd')))).code, 'HOST_API_FAILED')
      const kept = JSON.parse((await send(to(307, '/next'))).body)
      equal([kept.method, kept.body, kept.auth, kept.type], ['POST', 'b', 'x', 'text/x'])
      const changed = JSON.parse((await send(to(303, '/next'))).body)
      equal([changed.method, changed.body, changed.type, changed.url], ['GET', '', null, '/next'])
      match((await refusal(send(`http://127.0.0.1:${port}/to/302/`))).message, /more than 5 redirects/)
    },
  ))

test('credentials do not follow a redirect to another origin', () => {
  let seen: string | null = 'none'
  return withServer(
    (request, response) => {
      seen = request.headers.authorization ?? null
      response.end()
    },
    other =>
      withFetch(
        (_, response) => response.writeHead(307, {location: `http://127.0.0.1:${other}/`}).end(),
        async (fetch, port) => {
          await fetch({url: `http://127.0.0.1:${port}/`, headers: {Authorization: 'Bearer x'}})
          is(seen, null)
          await fetch({url: `http://127.0.0.1:${other}/`, headers: {Authorization: 'Bearer x'}})
          is(seen, 'Bearer x')
        },
      ),
  )
})

test('an endless answer, a silent server and a closed port end the call with the reason', () =>
  withFetch(
    (request, response) => {
      if (request.url === '/silent') return
      const chunk = Buffer.alloc(1024 * 1024)
      const more = (): void => {
        while (!response.destroyed && response.write(chunk));
      }
      response.on('drain', more)
      more()
    },
    async (fetch, port) => {
      match((await refusal(fetch({url: `http://127.0.0.1:${port}/`}))).message, /larger than 10485760 bytes/)
      match((await refusal(fetch({url: `http://127.0.0.1:${port}/silent`, timeoutMs: 50}))).message, /within 50 ms/)
      let closed = 0
      await withServer(show, async free => {
        closed = free
      })
      const error = await refusal(fetch({url: `http://127.0.0.1:${closed}/`}))
      is(error.code, 'HOST_API_FAILED')
      match(error.message, /ECONNREFUSED/)
      not.match(error.message, /fetch failed/)
    },
  ))

test('hosts are matched by name, suffix, port or not at all', () => {
  const allowed = (url: string, ...net: string[]): boolean => isHostAllowed(new URL(url), net)
  is(allowed('http://a.example.com/', 'a.example.com'), true)
  is(allowed('http://A.Example.com./', 'a.example.COM'), true)
  is(allowed('http://a.example.com/', 'example.com'), false)
  is(allowed('http://a.example.com/', '*.example.com'), true)
  is(allowed('http://a.b.example.com/', '*.example.com'), true)
  is(allowed('http://example.com/', '*.example.com'), false)
  is(allowed('http://evilexample.com/', '*.example.com'), false)
  is(allowed('http://example.com.evil.org/', 'example.com', '*.example.com'), false)
  is(allowed('http://anything/', '*'), true)
  is(allowed('http://anything/'), false)
  is(allowed('http://[::1]:80/', '::1'), true)
  is(allowed('http://h:8080/', 'h:8080'), true)
  is(allowed('http://h:8081/', 'h:8080'), false)
  is(allowed('https://h/', 'h:443'), true)
})

test.run()
