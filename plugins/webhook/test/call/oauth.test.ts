import {mock} from 'node:test'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../../../../test/support/deadline.ts'
import {callSend, callTest, failureOf} from '../call.ts'
import {answerJson, type Received, withServer} from '../servers.ts'

const test = suite('oauth2')
const CLIENT = {type: 'oauth2', clientId: 'my client', clientSecret: 's3cr:t/ö'}

interface Issuer {
  url: string
  tokenUrl: string
  tokenRequests: Received[]
  calls: Received[]
  /** Every token issued so far is refused from now on. */
  revoke(): void
  /** Answers the token endpoint gives instead of tokens. */
  refusals: {status: number; body: unknown}[]
}

/** A token endpoint and a resource that accepts only the newest token. */
function withIssuer<T>(run: (issuer: Issuer) => Promise<T>, token: object = {expires_in: 3600}): Promise<T> {
  let issued = 0
  let valid = ''
  const refusals: Issuer['refusals'] = []
  const tokenRequests: Received[] = []
  const calls: Received[] = []
  return withServer(
    (request, response) => {
      if (request.url === '/token') {
        tokenRequests.push(request)
        const refusal = refusals.shift()
        if (refusal) return answerJson(response, refusal.body, refusal.status)
        valid = `issued-token-${++issued}`
        return answerJson(response, {access_token: valid, token_type: 'Bearer', ...token})
      }
      calls.push(request)
      const fine = request.headers.authorization === `Bearer ${valid}`
      answerJson(response, {seen: request.headers.authorization}, fine ? 200 : 401)
    },
    ({url}) =>
      run({
        url,
        tokenUrl: `${url}/token`,
        tokenRequests,
        calls,
        refusals,
        revoke: () => {
          valid = ''
        },
      }),
  )
}

test('One token serves many calls, also when they come at the same time', async () => {
  await deadline(10_000, () =>
    withIssuer(async ({url, tokenUrl, tokenRequests, calls}) => {
      const config = {baseUrl: url, auth: {...CLIENT, tokenUrl, scope: 'a b', audience: 'urn:x'}}
      const send = () => callSend(config, {path: 'x'}, {registration: 'many'})
      await Promise.all([send(), send(), send()])
      assert.is((await send()).output.status, 200)
      assert.equal([tokenRequests.length, calls.length], [1, 4])
      assert.is(tokenRequests[0]?.body, 'grant_type=client_credentials&scope=a+b&audience=urn%3Ax')
      const basic = Buffer.from(`my+client:${encodeURIComponent(CLIENT.clientSecret)}`).toString('base64')
      assert.is(tokenRequests[0]?.headers.authorization, `Basic ${basic}`)
    }),
  )
})

test('The client can name itself in the body', async () => {
  await deadline(10_000, () =>
    withIssuer(async ({url, tokenUrl, tokenRequests}) => {
      await callSend({auth: {...CLIENT, tokenUrl, clientAuth: 'body'}}, {url})
      assert.is(tokenRequests[0]?.headers.authorization, undefined)
      const form = new URLSearchParams(tokenRequests[0]?.body)
      assert.equal([form.get('client_id'), form.get('client_secret')], [CLIENT.clientId, CLIENT.clientSecret])
    }),
  )
})

test('A refused token is renewed once, for a POST too; a second refusal is the answer', async () => {
  await deadline(10_000, () =>
    withIssuer(async issuer => {
      const {url, tokenUrl, tokenRequests, calls, revoke} = issuer
      const config = {auth: {...CLIENT, tokenUrl}}
      const send = () => callSend(config, {url}, {registration: 'renewed'})
      await send()
      revoke()
      const {output} = await send()
      assert.equal([output.status, output.attempts, tokenRequests.length, calls.length], [200, 1, 2, 3])
      revoke()
      issuer.refusals.push({status: 200, body: {access_token: 'stale-token', token_type: 'bearer'}})
      const failure = await failureOf(send())
      assert.equal([failure.category, failure.code, calls.length], ['auth', 'HTTP_401', 5])
      assert.not.match(JSON.stringify(failure), 'stale-token')
    }),
  )
})

test('A token that has expired is renewed before the call', async () => {
  await deadline(10_000, () =>
    withIssuer(
      async ({url, tokenUrl, tokenRequests, calls}) => {
        const send = () => callSend({auth: {...CLIENT, tokenUrl}}, {url}, {registration: 'short'})
        mock.timers.enable({apis: ['Date'], now: Date.now()})
        try {
          await send()
          await send()
          assert.equal([tokenRequests.length, calls.length], [1, 2])
          mock.timers.tick(1000)
          await send()
          assert.equal([tokenRequests.length, calls.length], [2, 3])
        } finally {
          mock.timers.reset()
        }
      },
      {expires_in: '1'},
    ),
  )
})

test('A changed configuration does not use the old one’s token', async () => {
  await deadline(10_000, () =>
    withIssuer(async ({url, tokenUrl, tokenRequests}) => {
      for (const scope of ['a', 'b'])
        await callSend({auth: {...CLIENT, tokenUrl, scope}}, {url}, {registration: 'changed'})
      assert.is(tokenRequests.length, 2)
    }),
  )
})

test('What the token endpoint refuses is told with its reason and without the secret', async () => {
  await deadline(10_000, () =>
    withIssuer(async ({url, tokenUrl, refusals, calls}) => {
      const auth = {...CLIENT, tokenUrl}
      const cases = [
        [401, {error: 'invalid_client', error_description: `secret ${CLIENT.clientSecret} is wrong`}, 'auth'],
        [400, {error: 'invalid_scope'}, 'auth'],
        [404, 'nothing', 'config'],
        [200, {token: 'x'}, 'config'],
        [200, {access_token: 'x', token_type: 'mac'}, 'config'],
        [429, {}, 'rateLimit'],
        [503, {}, 'unavailable'],
      ] as const
      for (const [status, body, category] of cases) {
        refusals.push({status, body})
        const failure = await failureOf(callSend({auth, retry: {max: 0}}, {url}))
        assert.is(failure.category, category, failure.message)
        assert.match(failure.message, 'access token')
        assert.not.match(JSON.stringify(failure), CLIENT.clientSecret)
      }
      assert.is(calls.length, 0)
    }),
  )
})

test('A token endpoint that fails for a moment is asked again, even for a POST', async () => {
  await deadline(10_000, () =>
    withIssuer(async ({url, tokenUrl, refusals, calls}) => {
      refusals.push({status: 503, body: {}})
      const {output} = await callSend({auth: {...CLIENT, tokenUrl}, retry: {baseMs: 1}}, {url})
      assert.equal([output.status, output.attempts, calls.length], [200, 2, 1])
    }),
  )
})

test('The issued token is hidden in the output', async () => {
  await deadline(10_000, () =>
    withIssuer(async ({url, tokenUrl}) => {
      const {output} = await callSend({auth: {...CLIENT, tokenUrl}}, {url, extract: {path: 'seen'}})
      assert.is(output.value, 'Bearer ••••••')
      assert.not.match(output.body ?? '', 'issued-token')
    }),
  )
})

test('The connection test gets a token of its own and tells when it cannot', async () => {
  await deadline(10_000, () =>
    withIssuer(async ({url, tokenUrl, refusals}) => {
      const config = {baseUrl: url, auth: {...CLIENT, tokenUrl}}
      assert.equal((await callTest(config)).stages, ['url', 'dns', 'tcp', 'auth', 'answer'])
      refusals.push({status: 401, body: {error: 'invalid_client'}})
      const {stages, error} = await callTest(config)
      assert.equal([stages.at(-1), error?.category, error?.code], ['auth failed', 'auth', 'TOKEN_REFUSED'])
    }),
  )
})

test.run()
