import {gzipSync} from 'node:zlib'

/** One tar entry. What is left out is worked out truthfully from `data`. */
export interface TarSpec {
  name: string | Buffer
  data?: string | Buffer
  /** Type letter: '0' file, '5' folder, '2' link, 'x' extended header, ... */
  type?: string
  mode?: number
  link?: string
  /** The size field as text, or as it stands. */
  size?: string | Buffer
  checksum?: number
}

const BLOCK = 512

/** A .tgz: valid by default, and wrong in exactly the way that is asked for. */
export function buildTgz(
  specs: readonly TarSpec[],
  {end = Buffer.alloc(2 * BLOCK), after = Buffer.alloc(0)}: {end?: Buffer; after?: Buffer} = {},
): Buffer {
  return Buffer.concat([gzipSync(Buffer.concat([...specs.map(buildEntry), end])), after])
}

/** The body of an extended header. */
export function paxRecords(records: {[key: string]: string}): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`)
      const guess = rest + String(rest).length
      const length = rest + String(guess).length
      return `${length} ${key}=${value}\n`
    })
    .join('')
}

function buildEntry(spec: TarSpec): Buffer {
  const data = Buffer.from(spec.data ?? '')
  const header = Buffer.alloc(BLOCK)
  Buffer.from(spec.name).copy(header, 0, 0, 100)
  header.write(`${(spec.mode ?? 0o644).toString(8).padStart(7, '0')}\0`, 100)
  header.write('0000000\0', 108)
  header.write('0000000\0', 116)
  const size = spec.size ?? `${data.length.toString(8).padStart(11, '0')}\0`
  Buffer.from(size).copy(header, 124, 0, 12)
  header.write('00000000000\0', 136)
  header.write(spec.type ?? '0', 156)
  header.write(spec.link ?? '', 157)
  header.write('ustar\x0000', 257, 'latin1')
  header.write(' '.repeat(8), 148)
  const sum = spec.checksum ?? header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const padding = Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)
  return Buffer.concat([header, data, padding])
}
