import {execFile} from 'node:child_process'
import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {withTempFolder} from '../../../test/support/temp.ts'

const run = promisify(execFile)

export interface Identity {
  cert: string
  key: string
}
export interface Certificates {
  /** PEM of the authority. */
  ca: string
  /** For 127.0.0.1 and localhost. */
  server: Identity
  expired: Identity
  /** For another.example. */
  otherName: Identity
  selfSigned: Identity
  client: Identity
  /** The client's key, encrypted with this passphrase. */
  lockedKey: string
  passphrase: string
}

let made: Promise<Certificates> | undefined

/** Real certificates made by the openssl program, once for all tests of a file. */
export function makeCertificates(): Promise<Certificates> {
  made ??= withTempFolder(makeAll)
  return made
}

async function makeAll(folder: string): Promise<Certificates> {
  const openssl = (...args: string[]): Promise<unknown> => run('openssl', args, {cwd: folder})
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8')
  const readIdentity = async (name: string): Promise<Identity> => ({
    cert: await read(`${name}.pem`),
    key: await read(`${name}.key`),
  })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const create = (name: string, names: string): Promise<unknown> =>
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.pem`,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      ...(names ? ['-addext', names] : []),
    )
  await writeFile(
    join(folder, 'ca.cnf'),
    '[ca]\ndefault_ca=d\n[d]\nnew_certs_dir=.\ndatabase=index\nrand_serial=yes\ndefault_md=sha256\npolicy=p\nunique_subject=no\ncopy_extensions=copy\n[p]\ncommonName=supplied\n',
  )
  await writeFile(join(folder, 'index'), '')
  await create('ca', 'keyUsage=critical,keyCertSign')
  async function sign(name: string, names: string, dates: string[] = ['-days', '2']): Promise<void> {
    await openssl(
      'req',
      '-new',
      ...newKey,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
      '-addext',
      names,
    )
    await openssl(
      'ca',
      '-batch',
      '-notext',
      '-config',
      'ca.cnf',
      '-cert',
      'ca.pem',
      '-keyfile',
      'ca.key',
      '-in',
      `${name}.csr`,
      '-out',
      `${name}.pem`,
      ...dates,
    )
  }
  const here = 'subjectAltName=IP:127.0.0.1,DNS:localhost'
  await sign('server', here)
  await sign('expired', here, ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z'])
  await sign('other', 'subjectAltName=DNS:another.example')
  await sign('client', 'extendedKeyUsage=clientAuth')
  await create('self', here)
  const passphrase = 'open-sesame'
  await openssl('pkey', '-in', 'client.key', '-aes256', '-passout', `pass:${passphrase}`, '-out', 'locked.key')
  const [server, expired, otherName, selfSigned, client] = await Promise.all(
    ['server', 'expired', 'other', 'self', 'client'].map(readIdentity),
  )
  if (!server || !expired || !otherName || !selfSigned || !client) throw new Error('Cannot make certificates')
  return {
    ca: await read('ca.pem'),
    server,
    expired,
    otherName,
    selfSigned,
    client,
    lockedKey: await read('locked.key'),
    passphrase,
  }
}
