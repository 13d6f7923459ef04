import {execFileSync} from 'node:child_process'
import {chmodSync, copyFileSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {request} from 'node:https'
import {join} from 'node:path'
import type {TLSSocket} from 'node:tls'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {loadConfig} from '../../host/config.ts'
import {isHostError} from '../../host/errors.ts'
import {startHttp} from '../../host/http/server.ts'
import {TLS_CHECK_MS} from '../../host/http/tls.ts'
import {deadline} from '../support/deadline.ts'
import {createFakeClock, type FakeClock} from '../support/fake-clock.ts'
import type {LoggedLine} from '../support/http.ts'
import {createMemoryHost} from '../support/memory-host.ts'
import {needs} from '../support/needs.ts'
import {withTempFolder} from '../support/temp.ts'

const test = suite('tls')
const withOpenssl = needs(test, {program: 'openssl', package: 'openssl'})

interface Certified {
  folder: string
  /** PEM file of the authority that signs. */
  ca: string
  tlsCert: string
  tlsKey: string
  /** Makes a pair signed by the authority: `<name>.pem` and `<name>.key`. */
  issue(name: string, options?: {days?: string}): {cert: string; key: string}
}

function withAuthority(run: (certified: Certified) => Promise<void>): () => Promise<void> {
  return () =>
    deadline(
      60_000,
      withTempFolder(async folder => {
        const openssl = (...args: string[]): void => void execFileSync('openssl', args, {cwd: folder, stdio: 'ignore'})
        const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
        openssl(
          'req',
          '-x509',
          ...key,
          '-subj',
          '/CN=Test authority',
          '-keyout',
          'ca.key',
          '-out',
          'ca.pem',
          '-days',
          '2',
        )
        writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1')
        const issue: Certified['issue'] = (name, {days = '2'} = {}) => {
          openssl('req', ...key, '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`)
          const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', days, '-extfile', 'names']
          openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`)
          chmodSync(join(folder, `${name}.key`), 0o600)
          return {cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`)}
        }
        const {cert: tlsCert, key: tlsKey} = issue('server')
        await run({folder, ca: join(folder, 'ca.pem'), tlsCert, tlsKey, issue})
      }),
    )
}

interface Served {
  url: string
  clock: FakeClock
  logged: LoggedLine[]
}

async function serve(
  files: Pick<Certified, 'tlsCert' | 'tlsKey'>,
  run: (served: Served) => Promise<void>,
): Promise<void> {
  const clock = createFakeClock(Date.now())
  const logged: LoggedLine[] = []
  const record = (level: LoggedLine['level']) => (fields: object, message: string) =>
    void logged.push({level, fields, message})
  const log = {info: record('info'), warn: record('warn'), error: record('error')}
  const {tlsCert, tlsKey} = files
  const {url, close} = await startHttp(createMemoryHost(), loadConfig({http: {port: 0, tlsCert, tlsKey}}).http, log, {
    clock,
  })
  try {
    await run({url, clock, logged})
  } finally {
    await close({graceMs: 0})
  }
}

/** Over a connection of its own, verified against the authority; the name on the certificate, or why there is no answer. */
function ask(url: string, ca?: string): Promise<string> {
  return new Promise(resolve => {
    const options = {agent: false as const, ...(ca !== undefined && {ca: readFileSync(ca)})}
    const sent = request(`${url}/healthz`, options, answer => {
      const {subject} = (answer.socket as TLSSocket).getPeerCertificate()
      answer.resume()
      answer.on('end', () => resolve(`${answer.statusCode} ${String(subject.CN)}`))
    })
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    sent.end()
  })
}

withOpenssl(
  'who trusts the authority is answered, who does not sees that the server is not verified',
  withAuthority(async certified => {
    await serve(certified, async ({url, logged}) => {
      assert.match(url, /^https:\/\/127\.0\.0\.1:/)
      assert.is(await ask(url, certified.ca), '200 server')
      assert.match(await ask(url), /UNABLE_TO_VERIFY|SELF_SIGNED/)
      assert.match(await ask(url.replace('https', 'http')).catch(String), /Protocol|ERR_INVALID_PROTOCOL/)
      assert.equal(logged, [])
    })
  }),
)

withOpenssl(
  'a renewed certificate is used for new connections, without a restart',
  withAuthority(async certified => {
    const renewed = certified.issue('renewed')
    await serve(certified, async ({url, clock, logged}) => {
      renameSync(renewed.key, certified.tlsKey)
      renameSync(renewed.cert, certified.tlsCert)
      assert.is(await ask(url, certified.ca), '200 server', 'it has not been looked at yet')
      clock.advance(TLS_CHECK_MS)
      assert.is(await ask(url, certified.ca), '200 renewed')
      assert.equal(
        logged.map(({message}) => message),
        ['The certificate was renewed'],
      )
      clock.advance(10 * TLS_CHECK_MS)
      assert.is(logged.length, 1)
    })
  }),
)

withOpenssl(
  'a renewal that does not fit is left aside until it does',
  withAuthority(async certified => {
    const renewed = certified.issue('renewed')
    await serve(certified, async ({url, clock, logged}) => {
      copyFileSync(renewed.cert, certified.tlsCert)
      clock.advance(TLS_CHECK_MS)
      assert.is(await ask(url, certified.ca), '200 server')
      rmSync(certified.tlsKey)
      clock.advance(TLS_CHECK_MS)
      assert.is(await ask(url, certified.ca), '200 server')
      assert.equal(
        logged.map(({level}) => level),
        ['error', 'error'],
      )
      renameSync(renewed.key, certified.tlsKey)
      clock.advance(TLS_CHECK_MS)
      assert.is(await ask(url, certified.ca), '200 renewed')
    })
  }),
)

withOpenssl(
  'a key others may read and an expired certificate are told, and served',
  withAuthority(async certified => {
    chmodSync(certified.tlsKey, 0o644)
    await serve(certified, async ({logged}) => {
      assert.match(logged[0]?.message ?? '', process.platform === 'win32' ? /^$/ : /chmod 600/)
    })
    chmodSync(certified.tlsKey, 0o600)
    const {cert: tlsCert, key: tlsKey} = certified.issue('old', {days: '0'})
    await serve({tlsCert, tlsKey}, async ({clock, logged}) => {
      // Its day of nothing is over as soon as a second has passed.
      clock.advance(60_000)
      copyFileSync(tlsCert, `${tlsCert}.next`)
      renameSync(`${tlsCert}.next`, tlsCert)
      clock.advance(TLS_CHECK_MS)
      assert.ok(logged.some(({message}) => message === 'The certificate has expired'))
    })
  }),
)

withOpenssl(
  'a pair that does not belong together, is none, or is half of one, refuses to start',
  withAuthority(async ({folder, tlsCert, tlsKey, issue}) => {
    const other = issue('other')
    const text = join(folder, 'text.pem')
    writeFileSync(text, 'no certificate')
    const pairs = [
      {tlsCert, tlsKey: other.key},
      {tlsCert: text, tlsKey},
      {tlsCert, tlsKey: text},
      {tlsCert, tlsKey: join(folder, 'none')},
      {tlsCert, tlsKey: ''},
      {tlsCert: '', tlsKey},
    ]
    for (const pair of pairs) {
      const error: unknown = await serve(pair, async () => {}).catch((thrown: unknown) => thrown)
      assert.ok(isHostError(error, 'HOST_CONFIG_INVALID'), `${JSON.stringify(pair)} ${String(error)}`)
    }
  }),
)

test.run()
