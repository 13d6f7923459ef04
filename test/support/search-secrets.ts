import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'

/** A text as it may lie about: itself, its two halves, and what six ways of encoding make of it. */
export function listForms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const middle = Math.floor(secret.length / 2)
  return [
    secret,
    secret.slice(0, middle),
    secret.slice(middle),
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    // Without what padding and neighbours may change.
    bytes.toString('base64').replace(/.?=*$/, ''),
    bytes.toString('base64url').slice(0, -1),
    bytes.toString('hex'),
  ]
}

/** Which of the values are found in the bytes, in any form. */
export function findSecrets(values: readonly string[], bytes: Buffer): string[] {
  const text = bytes.toString('latin1')
  return values.filter(value =>
    listForms(value).some(form => text.includes(Buffer.from(form).toString('latin1')) || text.includes(form)),
  )
}

/** Every file below the folder with its bytes. */
export function readTree(folder: string): {path: string; bytes: Buffer}[] {
  return readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .map(path => ({path, bytes: readFileSync(path)}))
}

/** Command lines and environments of all processes that this user may look at; none where there is no /proc. */
export function readProcesses(): {path: string; bytes: Buffer}[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .flatMap(pid => ['cmdline', 'environ'].map(name => `/proc/${pid}/${name}`))
    .flatMap(path => {
      try {
        return [{path, bytes: readFileSync(path)}]
      } catch {
        // Another user's, or gone by now.
        return []
      }
    })
}
