import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import extractZip from 'extract-zip'
import {suite} from 'uvu'
import * as assert from 'uvu/assert'
import {ARCHIVE_PROBLEMS, MANIFEST_PROBLEMS} from '../../host/bundle/bundle-problems.ts'
import {removeTree} from '../../host/bundle/staging.ts'
import {unpackBundle} from '../../host/bundle/unpack.ts'
import {type VerifiedBundle, verifyBundle} from '../../host/bundle/verify-bundle.ts'
import {HostError} from '../../host/errors.ts'
import {LIMITS, readFiles, sampleFiles, sampleSpecs} from '../support/bundle-files.ts'
import {deadline} from '../support/deadline.ts'
import {buildTgz} from '../support/tar-builder.ts'
import {withTempFolder} from '../support/temp.ts'
import {buildZip} from '../support/zip-builder.ts'
import {sampleTarSpecs} from './hostile-tars.ts'

const test = suite('mutated-bundles')
const SEED = Number(process.env.PLUGIN_HOST_SEED ?? Date.now() % 1e6)
const ZIP_MUTANTS = Number(process.env.PLUGIN_HOST_MUTANTS ?? 3000)
const TAR_MUTANTS = ZIP_MUTANTS / 6

type Random = (below: number) => number

/** Mulberry32: small, seeded, good enough to pick bytes. */
function createRandom(seed: number): Random {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const MUTATIONS: ((bytes: Buffer, random: Random) => Buffer)[] = [
  (bytes, random) => {
    for (let flips = 1 + random(3); flips > 0; flips--) bytes.writeUInt8(random(256), random(bytes.length))
    return bytes
  },
  (bytes, random) => {
    const at = random(bytes.length)
    bytes.writeUInt8((bytes.readUInt8(at) ^ (1 << random(8))) & 0xff, at)
    return bytes
  },
  (bytes, random) => bytes.subarray(0, random(bytes.length)),
  (bytes, random) => {
    const [from, to] = [random(bytes.length), random(bytes.length)]
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from, from + random(60)), bytes.subarray(to)])
  },
  (bytes, random) => {
    const at = random(bytes.length)
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(8))])
  },
]

function mutate(original: Buffer, random: Random): Buffer {
  const mutation = MUTATIONS[random(MUTATIONS.length)]
  return mutation ? mutation(Buffer.from(original), random) : original
}

/** Judges a mutant as an install would: what is accepted is also unpacked. Anything but a typed refusal throws. */
async function judge(file: string, folder: string): Promise<{[name: string]: string} | undefined> {
  const bundle = await verifyBundle(file, LIMITS).catch(error => {
    if (error instanceof HostError && error.code.startsWith('BUNDLE_')) return undefined
    throw error
  })
  if (!bundle) return undefined
  for (const {code} of bundle.problems) assert.ok(code in ARCHIVE_PROBLEMS || code in MANIFEST_PROBLEMS)
  return bundle.problems.length > 0 ? undefined : unpackAll(file, bundle, folder)
}

async function unpackAll(file: string, bundle: VerifiedBundle, folder: string): Promise<{[name: string]: string}> {
  try {
    await unpackBundle(file, bundle, folder)
    return await readFiles(folder)
  } finally {
    await removeTree(folder)
  }
}

async function fuzz(original: Buffer, mutants: number): Promise<{accepted: number; refused: number}> {
  const random = createRandom(SEED)
  const expected = await sortedFiles()
  const counts = {accepted: 0, refused: 0}
  await withTempFolder(async folder => {
    const file = join(folder, 'mutant')
    for (let round = 0; round < mutants; round++) {
      await writeFile(file, mutate(original, random))
      const files = await judge(file, join(folder, 'tree'))
      if (files) assert.equal(files, expected, `mutant ${round} of seed ${SEED}`)
      counts[files ? 'accepted' : 'refused']++
    }
  })
  return counts
}

async function sortedFiles(): Promise<{[name: string]: string}> {
  return Object.fromEntries(Object.entries(sampleFiles()).sort(([a], [b]) => (a < b ? -1 : 1)))
}

const original = buildZip(sampleSpecs().map((spec, index) => (index === 1 ? {...spec, descriptor: true} : spec)))

test(`${ZIP_MUTANTS} mutants of a zip are refused, or give the very same files (seed ${SEED})`, () =>
  deadline(250_000, async () => {
    const {accepted, refused} = await fuzz(original, ZIP_MUTANTS)
    // Times and such may be anything; were none accepted, or most, the mutants would be no good.
    assert.ok(accepted > 0 && refused > accepted, `${accepted} accepted, ${refused} refused`)
  }))

test(`${TAR_MUTANTS} mutants of a tarball are refused, or give the very same files (seed ${SEED})`, () =>
  deadline(250_000, async () => {
    // Stored, not deflated: a mutant is one of the tar then, and not only of its compression.
    const {refused} = await fuzz(buildTgz(sampleTarSpecs()), TAR_MUTANTS)
    assert.ok(refused > TAR_MUTANTS / 2)
  }))

test('the extractor alone unpacks a mutant to other files', () =>
  deadline(30_000, () =>
    withTempFolder(async folder => {
      const mutant = buildZip(sampleSpecs().map(spec => ({...spec, method: 0})))
      mutant.write('j', mutant.lastIndexOf('hello'))
      await writeFile(join(folder, 'mutant'), mutant)
      assert.is(await judge(join(folder, 'mutant'), join(folder, 'tree')), undefined)
      await extractZip(join(folder, 'mutant'), {dir: join(folder, 'out')})
      assert.is((await readFiles(join(folder, 'out')))['assets/greeting.txt'], 'jello')
    }),
  ))

test.run()
