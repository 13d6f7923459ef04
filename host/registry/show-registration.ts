import type {JsonObject} from '../../runtime/protocol.ts'
import type {Manifest} from '../manifest.ts'
import type {Problem} from '../schema.ts'
import type {RegistrationRow} from '../store/registrations.ts'
import type {Registration} from '../types.ts'
import {checkFiles} from './file-fields.ts'
import {configSchema} from './parse-config.ts'
import {maskSecrets} from './secret-fields.ts'

/** A registration as its readers see it: without secrets, with what is wrong now or soon. */
export function showRegistration(
  {row, config}: {row: RegistrationRow; config: JsonObject},
  {manifest, problems, now}: {manifest: Manifest | undefined; problems: readonly Problem[]; now: number},
): Registration {
  const {sealedConfig: _, configVersion: __, ...rest} = row
  // Without its manifest nobody knows which fields are secret.
  if (!manifest) return {...rest, config: {}, problems: [{pointer: '', message: 'its plugin is not installed'}]}
  const schema = configSchema(manifest)
  const files = checkFiles(schema, config, now)
  const misfits = [...problems, ...files.problems]
  return {
    ...rest,
    // A newer version may ask for less.
    draft: row.draft && misfits.length > 0,
    config: maskSecrets(schema, config),
    problems: [...misfits, ...files.warnings],
  }
}
