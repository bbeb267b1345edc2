// Components and embeds as nodes. A component of a kind that is not known here says so, instead of being left out.

import { el, link } from './text.js'
import { field, entered } from './fields.js'
import { prose } from './markdown.js'

/**
 * render shows components. The context knows names and does what is pressed:
 * names(id), people(), channels(), click(id), select(id, values).
 */
export function render(list, context) {
  return (list || []).map(component => (kinds[component.type] || unknown)(component, context))
}

const kinds = {
  1: (c, context) => el('div', { class: 'actions' }, render(c.components, context)),
  2: button,
  3: menu, 5: menu, 6: menu, 7: menu, 8: menu,
  9: (c, context) => el('div', { class: 'section' }, el('div', {}, render(c.components, context)), render([c.accessory], context)),
  10: (c, context) => el('div', { class: 'prose' }, prose(c.content, context.names)),
  11: picture,
  12: c => el('div', {}, c.items.map(picture)),
  13: c => el('p', { class: 'small' }, `[the file ${c.name || c.file.url}]`),
  14: c => el(c.divider ? 'hr' : 'div', { class: c.spacing === 2 ? 'wide' : 'gap' }),
  17: (c, context) => barred(el('div', { class: 'container' }, render(c.components, context)), c.accent_color),
}

/** unknown stands for a component that cannot be shown. */
export const unknown = c => el('p', { class: 'small' }, `[a component of the kind ${c.type}, which this page cannot show]`)

// picture says what is to be seen: the page loads nothing from elsewhere.
function picture(c) {
  return el('p', { class: 'small' }, `[a picture${c.description ? `: ${c.description}` : ''}]`)
}

// barred gives a node the bar of a colour beside it.
function barred(node, colour) {
  if (typeof colour === 'number') node.style.borderLeftColor = `#${colour.toString(16).padStart(6, '0')}`
  return node
}

const looks = { 1: 'primary', 3: 'good', 4: 'danger' }
const spoken = { '👍': 'Good answer', '👎': 'Bad answer' }

function button(c, context) {
  const emoji = c.emoji && c.emoji.name
  const words = [emoji && el('span', { class: 'emoji' }, emoji), emoji && c.label ? ' ' : '', c.label]
  if (c.url) return link(c.url, ...words)
  return el('button', {
    type: 'button', class: looks[c.style] || '', disabled: c.disabled, title: c.label ? undefined : spoken[emoji], 'aria-label': c.label || spoken[emoji] || emoji,
    onclick: () => context.click(c.custom_id),
  }, words)
}

// menu goes back to its first entry, so that the same thing can be chosen twice. Where several can be chosen, one says when it is done.
function menu(c, context) {
  const words = c.placeholder || 'Make a selection'
  const choices = options(c, context)
  if (c.max_values > 1) {
    const form = el('form', { onsubmit: e => {
      e.preventDefault()
      context.select(c.custom_id, entered(form)[0].value)
    } }, field({ id: c.custom_id, kind: 'boxes', label: words, options: choices, optional: c.min_values === 0 }), el('div', { class: 'actions' }, el('button', {}, 'Choose')))
    return form
  }
  const select = el('select', { 'aria-label': words, disabled: c.disabled, onchange: () => {
    context.select(c.custom_id, [select.value])
    select.selectedIndex = 0
  } }, el('option', { value: '', disabled: true, selected: true }, words), choices.map(o => el('option', { value: o.value }, o.text)))
  return select
}

/** options are what can be chosen: what the app offers, or people, or channels. */
export function options(c, context) {
  switch (c.type) {
    case 5:
    case 7:
      return context.people().map(p => ({ value: p.id, text: p.real }))
    case 6:
      return []
    case 8:
      return context.channels().map(channel => ({ value: channel.id, text: `#${channel.name}` }))
    default:
      return c.options.map(o => ({ value: o.value, text: [o.label, o.description].filter(Boolean).join(' – '), chosen: o.default }))
  }
}

/** embeds shows what stands below the content of a message. */
export function embeds(list, names) {
  return (list || []).map(e => barred(el('div', { class: 'container embed' },
    e.author && el('p', { class: 'small' }, e.author.name),
    e.title && el('h4', { class: 'head' }, e.url ? link(e.url, e.title) : e.title),
    e.description && el('div', { class: 'prose' }, prose(e.description, names)),
    e.fields && el('div', { class: 'fields' }, e.fields.map(f => el('div', {}, el('p', {}, el('strong', {}, f.name)), prose(f.value, names)))),
    e.footer && el('p', { class: 'small' }, e.footer.text)), e.color))
}
