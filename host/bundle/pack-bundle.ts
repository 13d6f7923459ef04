import {buffer} from 'node:stream/consumers'
import {ZipFile} from 'yazl'
import type {BundleFiles} from './collect-files.ts'

// A zip holds local time without a zone, and yazl reads local fields: so this is the same bytes in every time zone.
const OLDEST = new Date(1980, 0, 1)
const FILE_MODE = 0o100644

/** The bytes of a .fp: the same files give the same bytes, whatever their order, times, modes and place. */
export async function packBundle(files: BundleFiles): Promise<Buffer> {
  const zip = new ZipFile()
  const options = {mtime: OLDEST, mode: FILE_MODE, forceDosTimestamp: true}
  for (const [name, data] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    // Data that is known beforehand needs no data descriptor; an empty file is stored as it is.
    zip.addBuffer(Buffer.from(data), name, {...options, compressionLevel: data.length > 0 ? 9 : 0})
  }
  zip.end()
  return buffer(zip.outputStream)
}
