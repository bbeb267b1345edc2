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

/**
 * spans reads a line of markup from left to right. Each finder says whether something begins where it looks: a node or a text,
 * and how long it is in the markup. What is begun and not ended is text, as in a message that still grows.
 */
export function spans(text, finders) {
  const out = []
  let plain = ''
  for (let i = 0; i < text.length; ) {
    let found = null
    for (const find of finders) if ((found = find(text.slice(i), text[i - 1] || ''))) break
    if (!found) plain += text[i++]
    else {
      if (typeof found.node === 'string') plain += found.node
      else {
        out.push(...lines(plain), found.node)
        plain = ''
      }
      i += found.length
    }
  }
  return [...out, ...lines(plain)]
}

/**
 * markdown are the finders of what all kinds of Markdown have: backslashes, code, links and styles. The styles are elements by
 * their marks, longer marks first; inside shows what is within; address reads what a link leads to.
 */
export function markdown(styles, inside, address = written => written) {
  const marks = Object.keys(styles).map(mark => mark.replace(/[*|]/g, '\\$&')).join('|')
  const styled = new RegExp(`^(${marks})(?=\\S)((?:\\\\.|\`[^\`]*\`|[^\\\\\`])*?[^\\s\\\\]|\\\\.)\\1`)
  return [
    text => (/^\\[!-/:-@[-`{-~]/.test(text) ? { node: text[1], length: 2 } : null),
    text => {
      const match = /^(`+)([^`]+)\1/.exec(text)
      return match && { node: el('code', {}, match[2]), length: match[0].length }
    },
    // A link's words may have brackets of their own, as citations do: [[1]](https://…).
    text => {
      const match = /^\[((?:\\.|\[[^[\]]*\]|[^[\]\\])+)\]\(<?([^\s()<>]+)>?\)/.exec(text)
      return match && { node: link(address(match[2]), inside(match[1])), length: match[0].length }
    },
    (text, before) => {
      const match = styled.exec(text)
      const inWord = match && match[1] === '_' && (/\w/.test(before) || /^\w/.test(text.slice(match[0].length))) // as in snake_case_names
      return match && !inWord && { node: el(styles[match[1]], {}, inside(match[2])), length: match[0].length }
    },
  ]
}
