// Discord's Markdown as nodes.

import { el, link, markdown, spans } from './text.js'

/** prose shows a text with everything that Discord formats: headings, small print, quotes, lists, code and what is within a line. */
export function prose(text, names) {
  return blocks(text.split('\n'), names)
}

/** flat is what is within the lines of a text, without anything that makes a block of it. */
export function flat(text, names) {
  return line(text.replace(/^(?:#{1,3} |-# |>{1,3} |[-*] )/gm, '').replace(/\s*\n\s*/g, ' '), names)
}

// The kinds of blocks that begin a line, and what is left of it.
const starts = [
  ['fence', /^```(.*)$/], ['rest', /^>>> (.*)$/], ['quote', /^> (.*)$/], ['small', /^-# (.+)$/], ['head', /^(#{1,3}) (.+)$/], ['item', /^\s*[-*] (.+)$/], ['step', /^\s*\d+\. (.+)$/],
]

function blocks(rows, names) {
  const out = []
  for (let i = 0; i < rows.length; ) {
    const kind = kindOf(rows[i])
    if (kind === 'rest' || kind === 'fence') {
      const end = kind === 'rest' ? rows.length : rows.findIndex((row, j) => j > i && row.trim() === '```')
      const to = end < 0 ? rows.length : end
      out.push(kind === 'rest' ? el('blockquote', {}, blocks([rows[i].slice(4), ...rows.slice(i + 1)], names)) : el('pre', {}, rows.slice(i + 1, to).join('\n')))
      i = to + 1
      continue
    }
    let to = i + 1
    while (to < rows.length && kind !== 'head' && kindOf(rows[to]) === kind) to++
    out.push(block(kind, rows.slice(i, to), names))
    i = to
  }
  return out.filter(Boolean)
}

function kindOf(row) {
  const found = starts.find(([, start]) => start.test(row))
  return found ? found[0] : row.trim() === '' ? 'gap' : 'lines'
}

function block(kind, rows, names) {
  const inside = row => line(starts.find(([name]) => name === kind)[1].exec(row)[1], names)
  switch (kind) {
    case 'gap':
      return null
    case 'head': {
      const [, marks, words] = starts[4][1].exec(rows[0])
      return el(`h${marks.length + 2}`, { class: 'head' }, line(words, names))
    }
    case 'small':
      return el('div', { class: 'small' }, rows.map(row => el('p', {}, inside(row))))
    case 'quote':
      return el('blockquote', {}, blocks(rows.map(row => row.slice(2)), names))
    case 'item':
      return el('ul', {}, rows.map(row => el('li', {}, inside(row))))
    case 'step':
      return el('ol', { start: Number.parseInt(rows[0], 10) }, rows.map(row => el('li', {}, inside(row))))
    default:
      return el('p', {}, line(rows.join('\n'), names))
  }
}

const styles = { '**': 'strong', __: 'u', '~~': 's', '||': 'mark', '*': 'em', _: 'em' }

// line shows what is within a line.
function line(text, names) {
  const inside = words => line(words, names)
  return spans(text, [...markdown(styles, inside), text => reference(text, names), address])
}

// reference finds a moment, a mention, a channel, a command or an emoji.
function reference(text, names) {
  const match = /^<(t:|@[!&]?|#|a?:\w+:|\/[^:<>]+:)(-?\d+)(?::(\w))?>/.exec(text)
  if (!match) return null
  const [whole, kind, id, style] = match
  const mention = words => el('span', { class: 'mention' }, words)
  const node = kind === 't:' ? moment(Number(id) * 1000, style)
    : kind === '#' ? mention(`#${names(id) || 'unknown'}`)
      : kind.startsWith('@') ? mention(`@${names(id) || (kind === '@&' ? 'role' : 'unknown-user')}`)
        : kind.startsWith('/') ? mention(kind.slice(0, -1)) : kind.replace(/^a/, '')
  return { node, length: whole.length }
}

const looks = {
  t: { timeStyle: 'short' }, T: { timeStyle: 'medium' }, d: { dateStyle: 'short' }, D: { dateStyle: 'long' },
  f: { dateStyle: 'long', timeStyle: 'short' }, F: { dateStyle: 'full', timeStyle: 'short' },
}

function moment(at, style) {
  const time = new Date(at)
  if (Number.isNaN(time.getTime())) return el('span', {}, 'Invalid Date')
  const words = style === 'R' ? ago(at) : new Intl.DateTimeFormat([], looks[style] || looks.f).format(time)
  return el('time', { datetime: time.toISOString(), title: new Intl.DateTimeFormat([], looks.F).format(time) }, words)
}

function ago(at) {
  const seconds = (at - Date.now()) / 1000
  const [unit, size] = [['year', 31557600], ['month', 2629800], ['day', 86400], ['hour', 3600], ['minute', 60]].find(([, size]) => Math.abs(seconds) >= size) || ['second', 1]
  return new Intl.RelativeTimeFormat([], { numeric: 'auto' }).format(Math.round(seconds / size), unit)
}

// address finds an address that stands by itself, in angle brackets or not.
function address(text, before) {
  const match = /^<(https?:\/\/[^\s<>]+)>/.exec(text) || (!/\w/.test(before) && /^(https?:\/\/[^\s<>]*[^\s<>.,;:!?)\]'"])/.exec(text))
  return match ? { node: link(match[1], match[1]), length: match[0].length } : null
}
