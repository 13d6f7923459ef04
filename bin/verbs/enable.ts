import {switchPlugin} from '../switch-plugin.ts'

/** `enable <plugin>` */
export const enable = switchPlugin('enablePlugin')
