/** The settings below `mainServer`. */
export const MAIN_SERVER_SETTINGS = {
  kind: {
    doc: 'What stands behind the host: the embedded desk, or a main server by its REST API',
    format: ['desk', 'rest'],
    default: 'desk',
    env: 'PLUGIN_HOST_MAIN_SERVER',
  },
  closingNeedsNote: {doc: 'The desk closes a request only when it has a note', format: Boolean, default: false},
  url: {
    doc: 'Address of the main server, without /api',
    format: String,
    default: '',
    env: 'PLUGIN_HOST_MAIN_SERVER_URL',
  },
  apiKey: {
    doc: 'API key of the main server; takes the place of user and client',
    format: String,
    default: '',
    env: 'PLUGIN_HOST_MAIN_SERVER_API_KEY',
    sensitive: true,
  },
  apiKeyFile: {doc: 'File that holds the API key', format: String, default: ''},
  username: {
    doc: 'User on whose behalf the host calls the main server',
    format: String,
    default: '',
    env: 'PLUGIN_HOST_MAIN_SERVER_USERNAME',
  },
  password: {
    doc: 'The user’s password',
    format: String,
    default: '',
    env: 'PLUGIN_HOST_MAIN_SERVER_PASSWORD',
    sensitive: true,
  },
  passwordFile: {doc: 'File that holds the password', format: String, default: ''},
  clientId: {
    doc: 'Client id of the REST integration',
    format: String,
    default: '',
    env: 'PLUGIN_HOST_MAIN_SERVER_CLIENT_ID',
  },
  clientSecret: {
    doc: 'Client secret of the REST integration',
    format: String,
    default: '',
    env: 'PLUGIN_HOST_MAIN_SERVER_CLIENT_SECRET',
    sensitive: true,
  },
  clientSecretFile: {doc: 'File that holds the client secret', format: String, default: ''},
  ca: {
    doc: 'PEM file of the certificate authority of the main server',
    format: String,
    default: '',
    env: 'PLUGIN_HOST_MAIN_SERVER_CA',
  },
  timeoutMs: {
    doc: 'Time for a call to the main server, waits included, milliseconds',
    format: 'nat',
    default: 15_000,
  },
  catalogueMs: {
    doc: 'Age at which the main server’s fields are read again, milliseconds',
    format: 'nat',
    default: 300_000,
  },
} as const
