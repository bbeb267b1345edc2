// Slack's two kinds of markup as nodes.

import { el, lines, link, markdown, spans } from './text.js'

const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>' }
const decoded = text => text.replace(/&(?:amp|lt|gt);/g, entity => entities[entity])

const styles = { '*': 'strong', _: 'em', '~': 's' }

/** mrkdwn shows the markup of a message's text and of context blocks: references in angle brackets and a few styles. */
export function mrkdwn(text, names) {
  const out = []
  const token = /<([^<>|]+)(?:\|([^<>]*))?>|`([^`\n]+)`|(^|[\s(])([*_~])(?=\S)([^\n]*?\S)\5(?=$|[\s.,;:!?)])/g
  let at = 0
  for (const match of text.matchAll(token)) {
    const [whole, target, label, code, before, mark, inner] = match
    out.push(...lines(decoded(text.slice(at, match.index))))
    if (target !== undefined) out.push(reference(target, label, names))
    else if (code !== undefined) out.push(el('code', {}, decoded(code)))
    else out.push(before, el(styles[mark], {}, mrkdwn(inner, names)))
    at = match.index + whole.length
  }
  out.push(...lines(decoded(text.slice(at))))
  return out
}

function reference(target, label, names) {
  const words = label === undefined ? '' : decoded(label)
  if (target.startsWith('@')) return el('span', { class: 'mention' }, '@' + (names(target.slice(1)) || words || target.slice(1)))
  if (target.startsWith('#')) return el('span', { class: 'mention' }, '#' + (words || names(target.slice(1)) || target.slice(1)))
  if (target.startsWith('!')) return el('span', { class: 'mention' }, '@' + (words || target.slice(1)))
  const address = decoded(target)
  return link(address, words || address)
}

/** prose shows the Markdown of an answer: paragraphs with bold, italic, code, links and backslashes. */
export function prose(text) {
  return text.split(/\n{2,}/).filter(Boolean).map(paragraph => el('p', {}, span(paragraph)))
}

const span = text => spans(text, finders)
const finders = [entity, ...markdown({ '**': 'strong', '*': 'em', _: 'em' }, span, decoded)]

function entity(text) {
  const match = /^&(?:amp|lt|gt);/.exec(text)
  return match && { node: entities[match[0]], length: match[0].length }
}
