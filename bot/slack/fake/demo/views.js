// Dialogs and the home tab.

import { el } from './text.js'
import { render } from './blocks.js'
import { entered } from './fields.js'

function context(desk, view) {
  return {
    names: desk.names,
    channels: desk.channels,
    errors: view.errors,
    pressed: () => undefined,
    click: (action, value) => desk.act('click-view', { view: view.id, action, value }),
    select: (action, value) => desk.act('select-view', { view: view.id, action, value }),
  }
}

/** Home is the app's home tab. */
export class Home {
  constructor(node, desk) {
    Object.assign(this, { node, desk, shown: '' })
  }

  show(view) {
    const data = JSON.stringify(view)
    if (data === this.shown) return
    this.shown = data
    if (!view) this.node.replaceChildren(el('p', { class: 'small' }, 'Crosscheck has not said anything here yet.'))
    else this.node.replaceChildren(...render(view.blocks, context(this.desk, view)))
  }
}

/** Modal is the dialog on top, of those that are open. */
export class Modal {
  constructor(node, desk) {
    Object.assign(this, { node, desk, shown: '', id: '' })
    node.addEventListener('cancel', e => {
      e.preventDefault()
      this.close()
    })
  }

  show(views) {
    const view = views[views.length - 1]
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
    const form = el('form', { onsubmit: e => {
      e.preventDefault()
      this.submit(form)
    } },
    el('header', {}, el('h2', { id: 'modal-title' }, view.title), el('button', { type: 'button', class: 'x', 'aria-label': 'Close', onclick: () => this.close() }, '×')),
    el('div', { class: 'body', tabindex: '0' }, render(view.blocks, context(this.desk, view))),
    el('footer', {}, el('button', { type: 'button', onclick: () => this.close() }, view.close || 'Close'), view.submit && el('button', { class: 'primary' }, view.submit)))
    this.node.replaceChildren(form)
  }

  complain(view) {
    const values = new Map([...this.node.querySelectorAll('input, textarea, select')].map(n => [n.id, [n.value, n.checked]]))
    this.build(view)
    for (const n of this.node.querySelectorAll('input, textarea, select')) [n.value, n.checked] = values.get(n.id) || [n.value, n.checked]
  }

  submit(form) {
    return this.desk.act('submit', { view: this.view.id, values: entered(form) })
  }

  close() {
    return this.desk.act('close', { view: this.view.id })
  }
}
