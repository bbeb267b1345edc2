// What there is in a modal.

import { el } from './text.js'
import { entered, field } from './fields.js'
import { prose } from './markdown.js'
import { options, unknown } from './components.js'

/** dialog is what there is in a modal of Discord's, and what one can do with it. */
export function dialog(desk) {
  return {
    body: view => view.components.map(c => row(c, desk)),
    submit: (view, form) => desk.act('submit', { modal: view.id, values: Object.fromEntries(entered(form).map(f => [f.id, filled(f)])) }),
    close: view => desk.act('close', { modal: view.id }),
  }
}

// filled is what was entered as Discord sends it: of a menu as of several, be it one.
function filled(f) {
  return f.kind === 'menu' ? [f.value].filter(Boolean) : f.value
}

// row is a part of a modal: a text, or something to fill in with its label, which in former times stood in a row.
function row(c, desk) {
  const names = id => desk.names(id)
  if (c.type === 10) return el('div', { class: 'prose' }, prose(c.content, names))
  const asked = c.type === 18 ? c.component : c.type === 1 && c.components[0]
  if (!asked) return unknown(c)
  return field({
    id: asked.custom_id, kind: kindOf(asked), label: c.label || asked.label, hint: c.description, optional: asked.required === false,
    placeholder: asked.placeholder, value: asked.type === 23 ? asked.default : asked.value, max: asked.max_length || 4000,
    options: [4, 19, 23].includes(asked.type) ? undefined : options(asked, { people: () => desk.people(), channels: () => desk.channels() }),
  })
}

function kindOf(asked) {
  switch (asked.type) {
    case 4:
      return asked.style === 2 ? 'text' : 'line'
    case 21:
      return 'radio'
    case 22:
      return 'boxes'
    case 23:
      return 'tick'
    case 19:
      return 'file'
    default:
      return asked.max_values > 1 ? 'boxes' : 'menu'
  }
}
