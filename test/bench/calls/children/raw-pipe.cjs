// One JSON text a line, and nothing else: the least that two processes can do.
let rest = ''
process.stdin.setEncoding('utf8')
process.stdin.on('data', chunk => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop()
  let answers = ''
  for (const line of lines) {
    const {id, params} = JSON.parse(line)
    answers += `${JSON.stringify({id, result: {output: params.input}})}\n`
  }
  if (answers !== '') process.stdout.write(answers)
})
