// Composer is where one writes: it sends with Enter, and offers commands and names while they are typed.

import { el } from './text.js'

export class Composer {
  /** The form becomes the composer. send(text) tells whether the text was taken; cancel, if there is one, ends it. */
  constructor(form, desk, { id, label, send, cancel }) {
    Object.assign(this, { desk, send, cancel, matches: [], at: 0 })
    this.text = el('textarea', { id, rows: 1, 'aria-label': label, placeholder: label, autocomplete: 'off', maxlength: 8000 })
    this.offers = el('ul', { class: 'offers', hidden: true })
    const ask = el('button', { type: 'button', class: 'link', title: 'Mention Crosscheck', onclick: () => this.insert('@Crosscheck ') }, '@Crosscheck')
    const end = cancel && el('button', { type: 'button', class: 'link', onclick: cancel }, 'Cancel')
    form.replaceChildren(this.offers, this.text, el('div', { class: 'send' }, ask, end, el('span', { class: 'keys small' }, cancel ? 'Enter sends · Esc ends' : '@Crosscheck asks · / for commands · Enter sends'), el('button', { class: 'primary' }, 'Send')))
    form.addEventListener('submit', e => {
      e.preventDefault()
      this.submit()
    })
    this.text.addEventListener('input', () => this.typed())
    this.text.addEventListener('keydown', e => this.key(e))
    this.text.addEventListener('blur', () => this.offer([]))
  }

  label(words) {
    this.text.placeholder = words
    this.text.setAttribute('aria-label', words)
  }

  focus() {
    this.text.focus()
  }

  insert(words) {
    this.text.setRangeText(words, this.text.selectionStart, this.text.selectionEnd, 'end')
    this.focus()
    this.typed()
  }

  /** fill puts words in place of what was written. */
  fill(words) {
    this.text.value = words
    this.focus()
    this.typed()
  }

  async submit() {
    const text = this.text.value.trim()
    if (text === '') return
    this.text.value = ''
    this.typed()
    if (!(await this.send(text)) && this.text.value === '') this.fill(text)
  }

  typed() {
    this.text.style.height = 'auto'
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, 180)}px`
    const before = this.text.value.slice(0, this.text.selectionStart)
    const command = /^\/\w*$/.exec(before)
    const name = /(?:^|\s)@(\w*)$/.exec(before)
    if (command) {
      this.offer(this.desk.commands().filter(c => c.name.startsWith(before)).map(c => ({ from: 0, put: `${c.name} `, name: c.name, hint: c.hint })))
    } else if (name) {
      const begun = name[1].toLowerCase()
      const from = before.length - begun.length - 1
      this.offer(this.desk.people().filter(p => p.name.startsWith(begun)).map(p => ({ from, put: `@${p.bot ? p.real : p.name} `, name: `@${p.name}`, hint: p.real })))
    } else this.offer([])
  }

  offer(matches) {
    this.matches = matches
    this.at = 0
    this.offers.hidden = matches.length === 0
    this.offers.replaceChildren(...matches.map((m, i) => el('li', { onmousedown: e => {
      e.preventDefault()
      this.take(i)
    } }, el('strong', {}, m.name), ' ', el('span', { class: 'small' }, m.hint))))
    this.mark()
  }

  mark() {
    ;[...this.offers.children].forEach((node, i) => node.classList.toggle('on', i === this.at))
  }

  take(i) {
    const match = this.matches[i]
    this.text.setRangeText(match.put, match.from, this.text.selectionStart, 'end')
    this.typed()
  }

  key(e) {
    const offering = this.matches.length > 0
    const whole = offering && this.text.value === this.matches[this.at].name
    if (e.isComposing) return
    if (offering && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
      this.at = (this.at + (e.key === 'ArrowDown' ? 1 : -1) + this.matches.length) % this.matches.length
      this.mark()
    } else if (offering && (e.key === 'Tab' || (e.key === 'Enter' && !whole)) && !e.shiftKey) this.take(this.at)
    else if (offering && e.key === 'Escape') this.offer([])
    else if (e.key === 'Escape' && this.cancel) this.cancel()
    else if (e.key === 'Enter' && !e.shiftKey) this.submit()
    else return
    e.preventDefault()
  }
}
