// The dialog that the app has opened.

import { el } from './text.js'

/**
 * Dialog shows a view: id, hash, title, submit and close. What else is in it body(view) makes; submit(view, form) and close(view)
 * are what one can do with it.
 */
export class Dialog {
  constructor(node, { body, submit, close }) {
    Object.assign(this, { node, body, submit, close, shown: '', view: null })
    node.addEventListener('cancel', e => {
      e.preventDefault()
      this.close(this.view)
    })
  }

  show(view) {
    const data = JSON.stringify(view || null)
    if (data === this.shown) return
    // What was entered stays when the app only says what is wrong with it.
    const kept = view && this.view && view.id === this.view.id && view.hash === this.view.hash
    this.shown = data
    this.view = view
    if (!view) {
      this.node.close()
      return
    }
    if (kept) this.complain(view)
    else this.build(view)
    if (!this.node.open) this.node.showModal()
    this.begin()
  }

  // begin puts the focus where one goes on: into the first field, or to what is to be read if it has to be scrolled.
  begin() {
    const body = this.node.querySelector('.body')
    const field = body.querySelector('input, textarea, select')
    const button = this.node.querySelector('footer button')
    ;(field || (body.scrollHeight > body.clientHeight ? body : button)).focus()
  }

  build(view) {
    const close = () => this.close(view)
    const form = el('form', { onsubmit: e => {
      e.preventDefault()
      this.submit(view, form)
    } },
    el('header', {}, el('h2', { id: 'modal-title' }, view.title), el('button', { type: 'button', class: 'x', 'aria-label': 'Close', onclick: close }, '×')),
    el('div', { class: 'body', tabindex: '0' }, this.body(view)),
    el('footer', {}, el('button', { type: 'button', onclick: close }, view.close || 'Close'), view.submit && el('button', { class: 'primary' }, view.submit)))
    this.node.replaceChildren(form)
  }

  complain(view) {
    const values = new Map([...this.node.querySelectorAll('input, textarea, select')].map(n => [n.id, [n.value, n.checked]]))
    this.build(view)
    for (const n of this.node.querySelectorAll('input, textarea, select')) [n.value, n.checked] = values.get(n.id) || [n.value, n.checked]
  }
}
