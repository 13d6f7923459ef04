import {type BundleProblem, describeProblem} from './bundle-problems.ts'

interface Node {
  segment: string
  kind: 'file' | 'folder'
  /** False while it is only implied by an entry below it. */
  named: boolean
  children: Map<string, Node>
}

/** Adds one entry to the tree; tells what it collides with. */
export type AddEntry = (path: string, kind: 'file' | 'folder') => BundleProblem | undefined

/**
 * Watches for entries that would be one on some file system: the same name twice, or but for case or Unicode form,
 * or a file where another entry needs a folder. A tree by segment, so that the work grows with the names' bytes only.
 */
export function createEntryTree(): AddEntry {
  const root = new Map<string, Node>()
  return (path, kind) => {
    const segments = path.split('/')
    let children = root
    for (const [index, segment] of segments.entries()) {
      const last = index === segments.length - 1
      const wanted = last ? kind : 'folder'
      const key = foldSegment(segment)
      const node = children.get(key) ?? addNode(children, key, {segment, kind: wanted, named: false})
      if (node.segment !== segment) return describeProblem('NAME_COLLISION', path, `"${node.segment}"`)
      if (node.kind !== wanted) return describeProblem('NAME_FILE_AND_FOLDER', segments.slice(0, index + 1).join('/'))
      if (last && node.named) return describeProblem('NAME_DUPLICATE', path)
      if (last) node.named = true
      children = node.children
    }
    return undefined
  }
}

function addNode(children: Map<string, Node>, key: string, facts: Omit<Node, 'children'>): Node {
  const node = {...facts, children: new Map<string, Node>()}
  children.set(key, node)
  return node
}

// Upper before lower: it makes one of "ß" and "SS", and of the two small sigmas.
function foldSegment(segment: string): string {
  return segment.normalize('NFKC').toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKC')
}
