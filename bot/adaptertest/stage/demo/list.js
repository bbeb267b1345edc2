// List keeps the nodes of a list while its entries come, change and go, so that nothing loses focus, a choice or half-written
// words because something else has changed.

export class List {
  /** make(entry) returns an object with a node and, where the entry can change in place, update(entry). */
  constructor(parent, make) {
    Object.assign(this, { parent, make, shown: new Map() })
  }

  /** show has the list consist of entries, each with a key. It returns whether anything has changed. */
  show(entries) {
    let changed = false
    const keys = new Set(entries.map(e => e.key))
    for (const [key, { part }] of this.shown) {
      if (keys.has(key)) continue
      part.node.remove()
      this.shown.delete(key)
      changed = true
    }
    entries.forEach((entry, i) => {
      changed = this.put(entry) || changed
      const { node } = this.shown.get(entry.key).part
      if (this.parent.children[i] !== node) this.parent.insertBefore(node, this.parent.children[i] || null)
    })
    return changed
  }

  put(entry) {
    const data = JSON.stringify(entry)
    const old = this.shown.get(entry.key)
    if (old && old.data === data) return false
    if (old && old.part.update) {
      old.data = data
      old.part.update(entry)
      return true
    }
    const part = this.make(entry)
    if (part.update) part.update(entry)
    if (old) replace(old.part.node, part.node)
    this.shown.set(entry.key, { data, part })
    return true
  }
}

// replace puts a node in place of another, and the focus where it was.
function replace(old, node) {
  const reachable = within => [...within.querySelectorAll('a, button, select, summary')]
  const at = reachable(old).indexOf(document.activeElement)
  old.replaceWith(node)
  if (at >= 0 && reachable(node)[at]) reachable(node)[at].focus()
}
