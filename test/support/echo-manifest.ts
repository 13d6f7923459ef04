import type {Manifest} from '../../host/manifest.ts'

/** The smallest manifest that says something of every required kind. */
export const echoManifest: Manifest = {
  fp: 1,
  id: 'echo',
  version: '1.0.0',
  name: 'Echo',
  summary: 'Answers what it is given',
  kinds: ['action'],
  entry: 'main.js',
  actions: {
    echo: {
      effect: 'read',
      input: {type: 'object'},
      output: {type: 'object'},
      samples: [{title: 'A word', input: {word: 'hello'}}],
    },
  },
}
