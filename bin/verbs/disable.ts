import {switchPlugin} from '../switch-plugin.ts'

/** `disable <plugin>` */
export const disable = switchPlugin('disablePlugin')
