import type {Language} from './write-template.ts'

export interface PluginAnswers {
  id: string
  name: string
  kinds: readonly string[]
  language: Language
}

interface Known {
  /** Asked about, with these as the answers to start from. */
  suggested: PluginAnswers
  /** Given on the command line already. */
  given: Partial<PluginAnswers>
  kinds: readonly string[]
}

/** Asks at the terminal what the command line does not say; undefined when it was cancelled. */
export async function askAboutPlugin({suggested, given, kinds}: Known): Promise<PluginAnswers | undefined> {
  const {isCancel, select, text} = await import('@clack/prompts')
  const output = process.stderr
  const ask = async <T>(known: T | undefined, question: () => Promise<T | symbol>): Promise<T | undefined> => {
    if (known !== undefined) return known
    const answer = await question()
    return isCancel(answer) ? undefined : (answer as T)
  }
  const askText = (message: string, initialValue: string): Promise<string | symbol> =>
    text({message, initialValue, output, validate: value => (value?.trim() ? undefined : 'It cannot be empty')})

  const id = await ask(given.id, () => askText('Id, the same in every version', suggested.id))
  if (id === undefined) return undefined
  const name = await ask(given.name, () => askText('Name, for people', suggested.name))
  if (name === undefined) return undefined
  const kind = await ask<readonly string[]>(given.kinds, async () => {
    const options = kinds.map(value => ({value}))
    const one = await select<string>({message: 'Kind', options, initialValue: suggested.kinds[0] ?? '', output})
    return isCancel(one) ? one : [one]
  })
  if (kind === undefined) return undefined
  const options: {value: Language; label: string}[] = [
    {value: 'ts', label: 'TypeScript'},
    {value: 'js', label: 'JavaScript'},
  ]
  const language = await ask<Language>(given.language, () => select<Language>({message: 'Language', options, output}))
  return language === undefined ? undefined : {id: id.trim(), name: name.trim(), kinds: kind, language}
}
