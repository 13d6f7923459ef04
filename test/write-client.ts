/** Writes bin/operations.types.ts anew from the OpenAPI document: `node test/write-client.ts`. Its test tells when that is due. */
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {withDescription} from './support/api-description.ts'
import {renderClient} from './support/render-client.ts'

await withDescription(description => {
  writeFileSync(join(import.meta.dirname, '../bin/operations.types.ts'), renderClient(description))
})()
