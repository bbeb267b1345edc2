// Composer is where one writes: it sends with Enter, and offers commands and names while they are typed.

import { el } from './text.js'

export class Composer {
  /** The form becomes the composer. send(text, about) tells whether the text was taken; cancel, if there is one, ends it. */
  constructor(form, desk, { id, label, send, cancel }) {
    Object.assign(this, { desk, send, cancel, matches: [], at: 0, other: null })
    this.text = el('textarea', { id, rows: 1, 'aria-label': label, placeholder: label, autocomplete: 'off', maxlength: 8000 })
    this.offers = el('ul', { class: 'offers', hidden: true })
    this.banner = el('p', { class: 'about small', hidden: true })
    const ask = el('button', { type: 'button', class: 'link', title: 'Mention Crosscheck', onclick: () => this.insert('@Crosscheck ') }, '@Crosscheck')
    const end = cancel && el('button', { type: 'button', class: 'link', onclick: cancel }, 'Cancel')
    form.replaceChildren(this.offers, this.banner, this.text, el('div', { class: 'send' }, ask, end, el('span', { class: 'keys small' }, cancel ? 'Enter sends · Esc ends' : '@Crosscheck asks · / for commands · Enter sends'), el('button', { class: 'primary' }, 'Send')))
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

  /** about has what is written be about another message: its id, and words that say which. */
  about(message) {
    this.other = message
    this.banner.hidden = !message
    const end = el('button', { type: 'button', class: 'link', 'aria-label': 'Do not reply to it', onclick: () => this.about(null) }, '✕')
    this.banner.replaceChildren(...(message ? [el('span', {}, message.words), end] : []))
  }

  async submit() {
    const text = this.text.value.trim()
    const about = this.other
    if (text === '') return
    this.text.value = ''
    this.about(null)
    this.typed()
    if ((await this.send(text, about)) || this.text.value !== '') return
    this.fill(text)
    this.about(about)
  }

  typed() {
    this.text.style.height = 'auto'
    this.text.style.height = `${Math.min(this.text.scrollHeight + 2, 180)}px`
    const before = this.text.value.slice(0, this.text.selectionStart)
    const commands = before.startsWith('/') ? this.desk.commands().filter(c => c.name.startsWith(before)) : []
    const name = /(?:^|\s)@(\w*)$/.exec(before)
    this.suggested = null
    if (commands.length > 0) {
      this.offer(commands.map(c => ({ from: 0, put: `${c.name} `, name: c.name, hint: c.hint })))
    } else if (name) {
      const begun = name[1].toLowerCase()
      const from = before.length - begun.length - 1
      this.offer(this.desk.people().filter(p => p.name.startsWith(begun)).map(p => ({ from, put: `@${p.bot ? p.real : p.name} `, name: `@${p.name}`, hint: p.real })))
    } else {
      this.offer([])
      this.ask(before)
    }
  }

  // ask asks the app what a command could be given, where it says that it knows.
  async ask(before) {
    const command = this.desk.commands().find(c => c.suggests && before.startsWith(`${c.name} `))
    if (!command) return
    const typed = before.slice(command.name.length + 1)
    this.suggested = before
    const choices = await this.desk.suggest(command.name, typed)
    if (this.suggested !== before || !this.text.matches(':focus')) return // something else was typed meanwhile
    this.offer(choices.filter(c => c !== typed).map(c => ({ from: command.name.length + 1, put: c, name: c, hint: '' })), -1)
  }

  // offer shows what could be written. The one that is marked is taken with Enter, which sends where none is.
  offer(matches, at = 0) {
    this.matches = matches
    this.at = at
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
    const marked = this.matches[this.at]
    const whole = marked && this.text.value === marked.name
    if (e.isComposing) return
    if (offering && (e.key === 'ArrowDown' || e.key === 'ArrowUp')) {
      const from = marked || e.key === 'ArrowDown' ? this.at : 0
      this.at = (from + (e.key === 'ArrowDown' ? 1 : -1) + this.matches.length) % this.matches.length
      this.mark()
    } else if (marked && (e.key === 'Tab' || (e.key === 'Enter' && !whole)) && !e.shiftKey) this.take(this.at)
    else if (offering && e.key === 'Escape') this.offer([])
    else if (e.key === 'Escape' && this.other) this.about(null)
    else if (e.key === 'Escape' && this.cancel) this.cancel()
    else if (e.key === 'Enter' && !e.shiftKey) this.submit()
    else return
    e.preventDefault()
  }
}
