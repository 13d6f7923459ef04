import {open} from 'node:fs/promises'
import {HostError, isHostError} from '../errors.ts'
import type {BundleLimits} from './bundle-limits.ts'
import {openFile, readRange, tooLarge} from './open-bundle.ts'
import {toStoreFailure} from './store-failure.ts'

/** A bundle's path, or its bytes as they arrive. */
export type BundleSource = string | AsyncIterable<Uint8Array>

/**
 * Copies a bundle to a private new file: whatever happens to the original, the bytes that were checked are the bytes
 * that are unpacked. Counts as it goes; throws BUNDLE_TOO_LARGE, or BUNDLE_UNREADABLE when the source breaks off.
 */
export async function spoolBundle(source: BundleSource, target: string, limits: BundleLimits): Promise<void> {
  if (typeof source !== 'string') return writeChunks(source, target, limits)
  const {handle, size} = await openFile(source, limits)
  try {
    await writeChunks(readRange(handle, 0, size), target, limits)
  } finally {
    await handle.close()
  }
}

async function writeChunks(source: AsyncIterable<Uint8Array>, target: string, {maxBytes}: BundleLimits): Promise<void> {
  const file = await open(target, 'wx', 0o600)
  try {
    let bytes = 0
    for await (const chunk of guardSource(source)) {
      bytes += chunk.length
      if (bytes > maxBytes) throw tooLarge(maxBytes)
      await file.writeFile(chunk)
    }
  } finally {
    await file.close().catch(error => {
      throw toStoreFailure(error)
    })
  }
}

/** Tells a source that fails from a disk that does. */
async function* guardSource(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  let done = false
  try {
    for (;;) {
      const next = await iterator.next().catch((error: unknown) => {
        done = true
        throw isHostError(error) ? error : brokenOff(error)
      })
      done = next.done === true
      if (next.done) return
      yield next.value
    }
  } finally {
    if (!done) await iterator.return?.()
  }
}

function brokenOff(error: unknown): HostError {
  return new HostError('BUNDLE_UNREADABLE', {reason: 'it did not arrive whole'}, error)
}
