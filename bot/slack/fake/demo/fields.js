// The inputs of a dialog, and what was put into them.

import { el } from './text.js'

/** field is an input block: its label, what is entered, a hint, and what the app found wrong with it. */
export function field(block, text, context) {
  const error = context.errors && context.errors[block.block_id]
  const id = `field-${block.block_id}`
  const below = [
    block.hint && el('p', { class: 'small', id: `${id}-hint` }, text(block.hint, context)),
    error && el('p', { class: 'error', id: `${id}-error`, role: 'alert' }, error),
  ]
  const described = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined
  const attributes = { 'data-action': block.element.action_id, 'data-kind': block.element.type, 'aria-describedby': described }
  const make = makers[block.element.type]
  const label = [block.label.text, block.optional ? el('span', { class: 'small' }, ' (optional)') : '']
  if (!make) return el('p', { class: 'small' }, `[an input of the kind ${block.element.type}, which this page cannot show]`)
  if (choices.includes(block.element.type)) {
    return el('fieldset', { class: 'field', ...attributes }, el('legend', {}, label), make(block, id), below)
  }
  return el('div', { class: 'field' }, el('label', { for: id }, label), make(block, id, attributes), below)
}

const choices = ['radio_buttons', 'checkboxes', 'multi_static_select']

const makers = {
  plain_text_input: (block, id, attributes) => {
    const e = block.element
    const node = el(e.multiline ? 'textarea' : 'input', {
      id, ...attributes, maxlength: e.max_length, required: !block.optional, placeholder: e.placeholder && e.placeholder.text, rows: e.multiline ? 4 : undefined,
    })
    node.value = e.initial_value || ''
    return node
  },
  static_select: (block, id, attributes) => {
    const e = block.element
    const initial = e.initial_option && e.initial_option.value
    return el('select', { id, ...attributes, required: !block.optional },
      el('option', { value: '' }, (e.placeholder && e.placeholder.text) || ''),
      e.options.map(o => el('option', { value: o.value, selected: o.value === initial }, o.text.text)))
  },
  radio_buttons: (block, id) => group(block, id, 'radio', [block.element.initial_option]),
  checkboxes: (block, id) => group(block, id, 'checkbox', block.element.initial_options),
  // Any number of a list: boxes say at a glance what is chosen, and need no menu.
  multi_static_select: (block, id) => [
    block.element.placeholder && el('p', { class: 'small' }, `${block.element.placeholder.text} unless you choose some`),
    group(block, id, 'checkbox', block.element.initial_options),
  ],
}

function group(block, id, type, initial) {
  const chosen = (initial || []).filter(Boolean).map(o => o.value)
  return block.element.options.map((o, i) => el('label', { class: 'choice' },
    el('input', { type, name: id, value: o.value, checked: chosen.includes(o.value), required: type === 'radio' && !block.optional, id: `${id}-${i}` }),
    el('span', {}, o.text.text)))
}

/** entered reads a form: the values by action, as the app will get them. */
export function entered(form) {
  const values = {}
  for (const node of form.querySelectorAll('[data-action]')) {
    const picked = [...node.querySelectorAll('input:checked')].map(i => i.value)
    switch (node.dataset.kind) {
      case 'checkboxes':
      case 'multi_static_select':
        values[node.dataset.action] = picked
        break
      case 'radio_buttons':
        if (picked.length > 0) values[node.dataset.action] = picked[0]
        break
      default:
        if (node.value !== '') values[node.dataset.action] = node.value
    }
  }
  return values
}
