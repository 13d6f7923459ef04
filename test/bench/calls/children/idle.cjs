setInterval(() => {}, 1_000_000)
console.log('ready')
