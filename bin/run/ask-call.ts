import type {Manifest} from '../../host/index.ts'
import type {Json} from '../../runtime/protocol.ts'
import {type ChosenCall, sampleOf} from './choose-call.ts'

/** Asks at the terminal which action to execute, and with what, its sample being offered; undefined when it was cancelled. */
export async function askCall({actions}: Manifest): Promise<ChosenCall | undefined> {
  const {isCancel, select, text} = await import('@clack/prompts')
  const output = process.stderr
  const options = Object.entries(actions).map(([value, {label}]) => ({value, ...(label && {hint: label})}))
  const action = await select<string>({message: 'Action', options, output})
  if (isCancel(action)) return undefined
  const settings = actions[action]
  const initialValue = JSON.stringify(settings ? sampleOf(settings) : {})
  const input = await text({message: 'Input', initialValue, output, validate: value => explainNoJson(value ?? '')})
  return isCancel(input) ? undefined : {action, input: JSON.parse(input) as Json}
}

function explainNoJson(value: string): string | undefined {
  try {
    JSON.parse(value)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}
