const {createMessageConnection, StreamMessageReader, StreamMessageWriter} = require('vscode-jsonrpc/node')

const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
)
connection.onRequest('execute', params => ({output: params.input}))
connection.onClose(() => process.exit(0))
connection.listen()
