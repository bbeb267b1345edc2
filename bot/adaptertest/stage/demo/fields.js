// The inputs of a dialog, and what was put into them.

import { el } from './text.js'

/**
 * field is something to fill in, whatever the platform: id, label (nodes), kind, hint, error, optional, placeholder, value, max and
 * options (value, text, chosen). The kinds: line and text are written; of menu and radio one is chosen; of boxes any number,
 * which say at a glance what is chosen and need no menu; a tick is yes or no.
 */
export function field(f) {
  const id = `field-${f.id}`
  const below = [
    f.hint && el('p', { class: 'small', id: `${id}-hint` }, f.hint),
    f.error && el('p', { class: 'error', id: `${id}-error`, role: 'alert' }, f.error),
  ]
  const described = [f.hint && `${id}-hint`, f.error && `${id}-error`].filter(Boolean).join(' ') || undefined
  const attributes = { 'data-field': f.id, 'data-kind': f.kind, 'aria-describedby': described }
  const label = [f.label, f.optional ? el('span', { class: 'small' }, ' (optional)') : '']
  const make = makers[f.kind]
  if (!make) return el('p', { class: 'small' }, `[an input of the kind ${f.kind}, which this page cannot show]`)
  if (f.options && f.kind !== 'menu') {
    return el('fieldset', { class: 'field', ...attributes }, el('legend', {}, label), make(f, id), below)
  }
  return el('div', { class: 'field' }, el('label', { for: id }, label), make(f, id, attributes), below)
}

const makers = {
  line: (f, id, attributes) => written('input', f, id, attributes),
  text: (f, id, attributes) => written('textarea', f, id, { ...attributes, rows: 4 }),
  menu: (f, id, attributes) => el('select', { id, ...attributes, required: !f.optional },
    el('option', { value: '' }, f.placeholder || ''),
    f.options.map(o => el('option', { value: o.value, selected: o.chosen }, o.text))),
  radio: (f, id) => group('radio', f, id),
  boxes: (f, id) => [f.placeholder && el('p', { class: 'small' }, f.placeholder), group('checkbox', f, id)],
  tick: (f, id, attributes) => el('input', { type: 'checkbox', id, ...attributes, checked: f.value }),
}

function written(tag, f, id, attributes) {
  const node = el(tag, { id, ...attributes, maxlength: f.max, required: !f.optional, placeholder: f.placeholder })
  node.value = f.value || ''
  return node
}

function group(type, f, id) {
  return f.options.map((o, i) => el('label', { class: 'choice' },
    el('input', { type, name: id, value: o.value, checked: o.chosen, required: type === 'radio' && !f.optional, id: `${id}-${i}` }),
    el('span', {}, o.text)))
}

/** entered reads a form: of each field its id, its kind and its value, a text, a list of texts or a bool. */
export function entered(form) {
  return [...form.querySelectorAll('[data-field]')].map(node => {
    const kind = node.dataset.kind
    const picked = [...node.querySelectorAll('input:checked')].map(i => i.value)
    const value = { boxes: () => picked, radio: () => picked[0] || '', tick: () => node.checked }[kind]
    return { id: node.dataset.field, kind, value: value ? value() : node.value }
  })
}
