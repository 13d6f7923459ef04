import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {deadline} from '../../../../test/support/deadline.ts'
import {needs} from '../../../../test/support/needs.ts'
import {callFetch, callSend, failureOf, logged} from '../call.ts'
import {makeCertificates} from '../certificates.ts'
import {answerJson, type Respond, withServer, withTcpServer} from '../servers.ts'

const suited = suite('tls')
const test = needs(suited, {program: 'openssl', package: 'openssl'})
const ok: Respond = (_, response) => answerJson(response, {ok: true})
const ONCE = {retry: {max: 0}}

test('An own authority is trusted when it is configured, and not otherwise', async () => {
  const {ca, server} = await makeCertificates()
  await deadline(10_000, () =>
    withServer(
      ok,
      async ({url, received}) => {
        const failure = await failureOf(callSend(ONCE, {url}))
        assert.equal([failure.category, failure.code, failure.retryable], ['network', 'TLS', false])
        assert.match(failure.message, 'unknown authority')
        assert.match(failure.hint ?? '', 'tls.ca')
        assert.is(received.length, 0)
        assert.is((await callSend({tls: {ca: `${ca}\n${ca}`}}, {url})).output.status, 200)
        assert.is((await callFetch({tls: {ca}}, {url: url.replace('127.0.0.1', 'localhost')})).output.status, 200)
      },
      server,
    ),
  )
})

test('Expired, self-signed and other people’s certificates are refused in words', async () => {
  const {ca, expired, otherName, selfSigned} = await makeCertificates()
  const cases = [
    [expired, 'has expired'],
    [otherName, 'is for another name'],
    [selfSigned, 'is self-signed'],
  ] as const
  for (const [identity, words] of cases) {
    await deadline(10_000, () =>
      withServer(
        ok,
        async ({url, received}) => {
          for (const call of [callSend, callFetch]) {
            const failure = await failureOf(call({tls: {ca}}, {url}))
            assert.equal([failure.category, failure.code, failure.retryable], ['network', 'TLS', false])
            assert.match(failure.message, words)
          }
          assert.is(received.length, 0)
        },
        identity,
      ),
    )
  }
})

test('A certificate for another name is fine when that name is the configured one', async () => {
  const {ca, otherName} = await makeCertificates()
  await deadline(10_000, () =>
    withServer(
      ok,
      async ({url}) => {
        assert.is((await callSend({tls: {ca, serverName: 'another.example'}}, {url})).output.status, 200)
      },
      otherName,
    ),
  )
})

test('Only the explicit flag switches checking off, and each call says so in the log', async () => {
  const {selfSigned} = await makeCertificates()
  await deadline(10_000, () =>
    withServer(
      ok,
      async ({url}) => {
        logged.length = 0
        assert.is((await callSend({tls: {insecure: true}}, {url})).output.status, 200)
        assert.ok(logged.some(line => line.includes('Certificates are not checked')))
      },
      selfSigned,
    ),
  )
})

test('A client certificate is shown, also with an encrypted key; without it the refusal is told', async () => {
  const {ca, server, client, lockedKey, passphrase} = await makeCertificates()
  await deadline(15_000, () =>
    withServer(
      ok,
      async ({url}) => {
        assert.is((await callSend({tls: {ca, ...client}}, {url})).output.status, 200)
        assert.is(
          (await callFetch({tls: {ca, cert: client.cert, key: lockedKey, passphrase}}, {url})).output.status,
          200,
        )
        for (const call of [callSend, callFetch]) {
          const failure = await failureOf(call({...ONCE, tls: {ca}}, {url}))
          assert.equal([failure.category, failure.code, failure.retryable], ['network', 'TLS', false], failure.message)
          assert.match(failure.hint ?? '', 'client certificate')
        }
      },
      {...server, ca, requestCert: true, rejectUnauthorized: true},
    ),
  )
})

test('What cannot be read of the configured certificates is told by field', async () => {
  const {ca, server, client, lockedKey} = await makeCertificates()
  const cases = [
    [{ca: 'no certificate'}, '/config/tls/ca'],
    [{ca: ca.replaceAll(/[A-Za-z]{20}/g, 'A')}, '/config/tls/ca'],
    [{cert: client.cert}, '/config/tls/key'],
    [{key: client.key}, '/config/tls/cert'],
    [{cert: client.cert, key: server.key}, '/config/tls/key'],
    [{cert: client.cert, key: lockedKey, passphrase: 'wrong'}, '/config/tls/key'],
  ] as const
  await deadline(10_000, () =>
    withServer(
      ok,
      async ({url}) => {
        for (const [tls, field] of cases) {
          const failure = await failureOf(callSend({tls: {...tls}}, {url}))
          assert.equal([failure.category, failure.field], ['config', field], failure.message)
        }
      },
      server,
    ),
  )
})

test('https to a port that speaks plain HTTP is told as such', async () => {
  await deadline(10_000, () =>
    withServer(ok, async ({url}) => {
      const failure = await failureOf(callSend(ONCE, {url: url.replace('http:', 'https:')}))
      assert.equal([failure.category, failure.retryable], ['network', false])
      assert.match(failure.message, 'does not speak TLS')
    }),
  )
})

test('A server that cuts the connection within the TLS handshake got nothing, so it may be tried again', async () => {
  await deadline(10_000, () =>
    withTcpServer(
      socket => socket.once('data', () => socket.resetAndDestroy()),
      async ({url}) => {
        const failure = await failureOf(callSend(ONCE, {url: url.replace('http:', 'https:')}))
        assert.equal([failure.category, failure.code, failure.retryable], ['network', 'TLS', true])
      },
    ),
  )
})

suited.run()
