import {findNodeAtLocation, type Node} from 'jsonc-parser'

/** Tells "line 3, column 5" of an offset into a text. */
export type LocateOffset = (offset: number) => string

export function createLocator(text: string): LocateOffset {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return offset => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return `line ${low + 1}, column ${offset - (starts[low] ?? 0) + 1}`
  }
}

/** Offset of what a JSON pointer names: of the key, where it is a key; of the nearest parent that is there, where it is missing. */
export function findOffset(tree: Node, pointer: string): number {
  const keys = pointer.split('/').slice(1).map(unescapePointer)
  for (let length = keys.length; length >= 0; length--) {
    const node = findNode(tree, keys.slice(0, length))
    if (node) return node.parent?.type === 'property' ? node.parent.offset : node.offset
  }
  return tree.offset
}

function findNode(tree: Node, keys: string[]): Node | undefined {
  let node: Node | undefined = tree
  for (const key of keys) {
    if (node === undefined) return undefined
    node = findNodeAtLocation(node, [node.type === 'array' ? Number(key) : key])
  }
  return node
}

function unescapePointer(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~')
}
