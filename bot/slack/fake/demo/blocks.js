// Block Kit as nodes. A block of a kind that is not known here says so, instead of being left out.

import { el, lines, link } from './text.js'
import { field } from './fields.js'
import { mrkdwn, prose } from './markup.js'

/**
 * render shows blocks. The context knows names and does what is pressed:
 * names(id), channels(), click(action, value), select(action, value), pressed(action), errors.
 */
export function render(blocks, context) {
  return (blocks || []).map(block => (kinds[block.type] || unknown)(block, context))
}

const kinds = {
  header: (b, c) => el('h3', { class: 'head' }, text(b.text, c)),
  section: (b, c) => el('div', { class: 'section' },
    el('div', {}, b.text && el('p', {}, text(b.text, c)), b.fields && el('div', { class: 'fields' }, b.fields.map(f => el('p', {}, text(f, c))))),
    b.accessory && element(b.accessory, c)),
  markdown: b => el('div', { class: 'prose' }, prose(b.text)),
  rich_text: (b, c) => el('div', { class: 'prose' }, b.elements.map(e => rich(e, c))),
  context: (b, c) => el('p', { class: 'small' }, b.elements.flatMap((e, i) => [i > 0 ? ' ' : '', ...text(e, c)])),
  divider: () => el('hr'),
  actions: (b, c) => el('div', { class: 'actions' }, b.elements.map(e => element(e, c))),
  context_actions: (b, c) => el('div', { class: 'actions quiet' }, b.elements.map(e => element(e, c))),
  input: (b, c) => field(input(b, c)),
  image: b => el('p', { class: 'small' }, b.alt_text || ''),
}

const unknown = block => el('p', { class: 'small' }, `[a block of the kind ${block.type}, which this page cannot show]`)

// input says what an input block asks for. A field that the page cannot show is named.
function input(block, context) {
  const e = block.element
  const chosen = (e.initial_options || [e.initial_option]).filter(Boolean).map(o => o.value)
  const words = e.placeholder && e.placeholder.text
  return {
    id: e.action_id, kind: e.type === 'plain_text_input' ? (e.multiline ? 'text' : 'line') : inputs[e.type] || e.type, label: block.label.text,
    hint: block.hint && text(block.hint, context), error: context.errors && context.errors[block.block_id], optional: block.optional,
    placeholder: e.type === 'multi_static_select' && words ? `${words} unless you choose some` : words,
    value: e.initial_value, max: e.max_length, options: e.options && e.options.map(o => ({ value: o.value, text: o.text.text, chosen: chosen.includes(o.value) })),
  }
}

const inputs = { static_select: 'menu', radio_buttons: 'radio', checkboxes: 'boxes', multi_static_select: 'boxes' }

/** text shows a text object: markup or plain. */
export function text(object, context) {
  if (!object) return []
  return object.type === 'mrkdwn' ? mrkdwn(object.text, context.names) : lines(object.text)
}

function rich(e, context) {
  const inside = () => e.elements.map(i => inline(i, context))
  switch (e.type) {
    case 'rich_text_list':
      return el(e.style === 'ordered' ? 'ol' : 'ul', {}, e.elements.map(item => el('li', {}, item.elements.map(i => inline(i, context)))))
    case 'rich_text_quote':
      return el('blockquote', {}, inside())
    case 'rich_text_preformatted':
      return el('pre', {}, inside())
    default:
      return el('p', {}, inside())
  }
}

function inline(e, context) {
  let node
  switch (e.type) {
    case 'link':
      node = link(e.url, e.text || e.url)
      break
    case 'user':
      node = el('span', { class: 'mention' }, '@' + (context.names(e.user_id) || e.user_id))
      break
    case 'channel':
      node = el('span', { class: 'mention' }, '#' + (context.names(e.channel_id) || e.channel_id))
      break
    case 'emoji':
      return `:${e.name}:`
    default:
      node = el('span', {}, lines(e.text || ''))
  }
  const style = e.style || {}
  for (const [name, tag] of [['code', 'code'], ['italic', 'em'], ['bold', 'strong'], ['strike', 's']]) {
    if (style[name]) node = el(tag, {}, node)
  }
  return node
}

function element(e, context) {
  const action = e.action_id
  switch (e.type) {
    case 'button':
      if (e.url) return link(e.url, text(e.text, context))
      return el('button', { type: 'button', class: e.style || '', 'aria-label': e.accessibility_label, onclick: () => context.click(action) }, text(e.text, context))
    case 'feedback_buttons':
      return el('span', { role: 'group', 'aria-label': 'Feedback' }, [e.positive_button, e.negative_button].map(b => verdict(b, action, context)))
    case 'static_select':
      return menu(e, context, e.options.map(o => [o.value, o.text.text]))
    case 'conversations_select':
    case 'channels_select':
      return menu(e, context, context.channels().map(c => [c.id, `#${c.name}${c.private ? ' (private)' : ''}`]))
    default:
      return el('span', { class: 'small' }, `[${e.type}]`)
  }
}

function verdict(button, action, context) {
  const pressed = context.pressed(action) === button.value
  return el('button', {
    type: 'button', 'aria-pressed': String(pressed), title: button.accessibility_label, onclick: () => context.click(action, button.value),
  }, text(button.text, context))
}

// menu goes back to its first entry, so that the same thing can be chosen twice.
function menu(e, context, options) {
  const words = (e.placeholder && e.placeholder.text) || 'Choose'
  const select = el('select', { 'aria-label': words, onchange: () => {
    context.select(e.action_id, select.value)
    select.selectedIndex = 0
  } }, el('option', { value: '', disabled: true, selected: true }, words), options.map(([value, label]) => el('option', { value }, label)))
  return select
}
