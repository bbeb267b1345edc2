// Dialogs and the home tab.

import { el } from './text.js'
import { entered } from './fields.js'
import { render } from './blocks.js'

function context(desk, view) {
  return {
    names: id => desk.names(id),
    channels: () => desk.channels(),
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

/** dialog is what there is in a dialog of Slack's, and what one can do with it. The app gets what was entered, and nothing for the rest. */
export function dialog(desk) {
  return {
    body: view => render(view.blocks, context(desk, view)),
    submit: (view, form) => {
      const filled = entered(form).filter(f => f.kind === 'boxes' || f.value !== '')
      return desk.act('submit', { view: view.id, values: Object.fromEntries(filled.map(f => [f.id, f.value])) })
    },
    close: view => desk.act('close', { view: view.id }),
  }
}
