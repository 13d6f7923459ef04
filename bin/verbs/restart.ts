import {switchPlugin} from '../switch-plugin.ts'

/** `restart <plugin>` */
export const restart = switchPlugin('restartPlugin')
