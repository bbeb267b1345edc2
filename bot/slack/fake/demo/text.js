// Text as nodes: what people and the bot write is shown, never run. Nothing here makes markup out of text.

/** el makes an element. Attributes that begin with "on" are listeners; true stands for an attribute without a value. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value)
    else node.setAttribute(name, value === true ? '' : value)
  }
  node.append(...children.flat(Infinity).filter(child => child !== null && child !== undefined && child !== '' && child !== false))
  return node
}

/** link leads to an address of the web. Any other address is shown as the text alone. */
export function link(address, ...children) {
  let url
  try {
    url = new URL(address)
  } catch {
    return el('span', {}, ...children)
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return el('span', {}, ...children)
  return el('a', { href: url.href, target: '_blank', rel: 'noopener noreferrer' }, ...children)
}

/** lines are a text's lines with breaks between them. */
export function lines(text) {
  return text.split('\n').flatMap((line, i) => (i === 0 ? [line] : [el('br'), line]))
}

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

/** markdown shows the Markdown of an answer: paragraphs with bold, italic, code, links and backslashes. */
export function markdown(text) {
  return text.split(/\n{2,}/).filter(Boolean).map(paragraph => el('p', {}, span(paragraph)))
}

// span reads a piece of Markdown from left to right. What is begun and not ended is text, as in a stream that still grows.
function span(text) {
  const out = []
  let plain = ''
  const push = (...nodes) => {
    out.push(...lines(plain), ...nodes)
    plain = ''
  }
  for (let i = 0; i < text.length; ) {
    const rest = text.slice(i)
    const found = escaped(rest) || code(rest) || anchor(rest) || emphasis(rest)
    if (!found) plain += text[i++]
    else if (typeof found.node === 'string') (plain += found.node), (i += found.length)
    else push(found.node), (i += found.length)
  }
  push()
  return out
}

function escaped(text) {
  const entity = /^&(?:amp|lt|gt);/.exec(text)
  if (entity) return { node: entities[entity[0]], length: entity[0].length }
  return /^\\[!-/:-@[-`{-~]/.test(text) ? { node: text[1], length: 2 } : null
}

function code(text) {
  const match = /^`([^`]+)`/.exec(text)
  return match && { node: el('code', {}, match[1]), length: match[0].length }
}

// anchor is a link whose words may have brackets of their own, as citations do: [[1]](https://…).
function anchor(text) {
  const match = /^\[((?:\\.|\[[^[\]]*\]|[^[\]\\])+)\]\(([^\s()]+)\)/.exec(text)
  return match && { node: link(decoded(match[2]), span(match[1])), length: match[0].length }
}

function emphasis(text) {
  const match = /^(\*\*|\*|_)(?=\S)((?:\\.|`[^`]*`|[^\\`])*?[^\s\\]|\\.)\1/.exec(text)
  return match && { node: el(match[1] === '**' ? 'strong' : 'em', {}, span(match[2])), length: match[0].length }
}
