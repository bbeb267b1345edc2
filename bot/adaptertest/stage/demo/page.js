// The page: who one is, where one looks, and what is there. What is a platform's own, its app.js adds by a class of its own.

import { el } from './text.js'
import { List } from './list.js'
import { Link } from './server.js'
import { Composer } from './composer.js'
import { Thread } from './messages.js'

export const $ = id => document.getElementById(id)

/**
 * Page is also what its parts know and can do. A platform's page has these of its own:
 * understand(state): what the server says, such that each message has an id, the channel it is in, and the time at in milliseconds;
 * direct(channel), topic(channel), rows(channel): each row is a message with its thread: key, root, replies, state;
 * body(message), menu(message, thread), write(row, text, about).
 * Those below that do nothing are there to be replaced.
 */
export class Page {
  constructor() {
    this.state = null // what the person sees
    this.place = '' // the conversation that is open
    this.follow = '' // the thread that is kept in view, or newest: whatever is last
    this.seen = {} // when what was seen last came, by person and conversation
    this.link = new Link(next => this.show(next), words => this.say(words))
    this.composer = new Composer($('composer'), this, { id: 'composer-text', label: 'Message', send: (text, about) => this.send(text, about) })
    this.threads = null // of the conversation that is open
    this.places = new List($('places'), entry => placePart(entry))
    this.pin = new List($('pin'), entry => pinPart(entry, this))
    this.listen()
  }

  begin() {
    return this.link.become(location.hash.split('/')[1] || '').then(() => this.arrive())
  }

  listen() {
    $('me').addEventListener('change', () => {
      const c = this.channel()
      location.hash = `#/${$('me').value}/${this.direct(c) ? 'app' : c.id}`
    })
    $('menu').addEventListener('click', () => {
      const open = document.body.classList.toggle('choosing')
      $('menu').setAttribute('aria-expanded', String(open))
    })
    for (const moved of ['wheel', 'touchmove']) $('scroll').addEventListener(moved, () => (this.follow = ''), { passive: true })
    window.addEventListener('hashchange', () => this.arrive())
    document.addEventListener('visibilitychange', () => !document.hidden && this.link.look())
  }

  // What a platform may have of its own.

  understand(state) {
    return state
  }

  offline() {
    return 'Crosscheck is not connected. What you write waits for it.'
  }

  name(c) {
    return this.direct(c) ? this.botName() : `#${c.name}`
  }

  /** invitation is what the composer says. */
  invitation(c) {
    return `Message ${this.name(c)}`
  }

  mark(c) {
    return c.private && 'private'
  }

  members(c) {
    return c.members.length
  }

  /** reading tells whether one looks at the messages of the conversation. */
  reading() {
    return true
  }

  /** turn is told of the rest of the address when a conversation is opened, and opened when it is shown. */
  turn() {}
  opened() {}

  /** showed is told when a state was shown. */
  showed() {}

  /** heading stands above the first message of a thread, preface above and postscript below what a message says. */
  heading() {}
  preface() {}
  postscript() {}

  badge() {
    return 'bot'
  }

  alone() {
    return 'Only visible to you'
  }

  threadLabel(row) {
    return `${row.replies.length} ${row.replies.length === 1 ? 'reply' : 'replies'}`
  }

  hasThread(row) {
    return row.replies.length > 0
  }

  pressedIn() {
    return []
  }

  // What the parts of the page know.

  me() {
    return this.state.me
  }

  channel() {
    return this.state.channels.find(c => c.id === this.place)
  }

  person(id) {
    const i = this.state.people.findIndex(p => p.id === id)
    return i < 0 ? { id, name: id, real: id || 'Somebody', hue: 0 } : { ...this.state.people[i], hue: i % 5 }
  }

  botName() {
    return this.person(this.state.bot).real
  }

  people() {
    return this.state.people.filter(p => p.id !== this.state.me)
  }

  names(id) {
    const named = this.state.people.find(p => p.id === id)
    const channel = this.state.channels.find(c => c.id === id)
    return named ? named.real : channel && channel.name
  }

  channels() {
    return this.state.channels.filter(c => !this.direct(c))
  }

  commands() {
    return this.state.commands
  }

  // What one can do.

  act(what, deed) {
    if (what === 'shortcut') this.follow = 'newest'
    return this.link.act(what, deed)
  }

  say(words) {
    const toast = $('toast')
    toast.textContent = words
    toast.hidden = false
    clearTimeout(this.silence)
    this.silence = setTimeout(() => (toast.hidden = true), 6000)
  }

  /** post says something, and keeps what comes of it in view: the row that it belongs to, or its own. */
  async post(channel, text, more = {}, row = '') {
    const id = await this.link.act('post', { channel, text, ...more })
    this.follow = row || id || ''
    this.keepInView(false)
    return id !== undefined
  }

  // send posts what was written, or uses the command that it begins with.
  async send(text, about) {
    return text.startsWith('/') ? this.use(this.place, text) : this.post(this.place, text, about ? { reply: about.id } : {})
  }

  /** use has somebody use the command that a text begins with. */
  async use(channel, text) {
    const named = this.commands().filter(c => text === c.name || text.startsWith(`${c.name} `))
    const command = named.sort((a, b) => b.name.length - a.name.length)[0]
    if (!command) {
      this.say(`There is no command ${text.split(' ')[0]}. Write / to see those there are.`)
      return false
    }
    this.follow = 'newest'
    return (await this.link.act('slash', { channel, command: command.name, text: text.slice(command.name.length).trim() })) !== undefined
  }

  // What is shown.

  show(next) {
    this.state = this.understand(next)
    const here = this.channel()
    if (!here) return // nothing is open yet
    const scroll = $('scroll')
    const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80
    this.showPeople()
    this.showPlace(here)
    const changed = this.threads.show(this.rows(here))
    this.showed(here)
    if (this.reading()) this.seen[`${this.state.me} ${this.place}`] = newest(here)
    this.showPlaces()
    if (changed) this.keepInView(atEnd)
  }

  showPeople() {
    $('team').textContent = this.state.team
    $('offline').textContent = this.offline()
    $('offline').hidden = this.state.connected
    const people = this.state.people.filter(p => !p.bot)
    const select = $('me')
    if (select.options.length !== people.length) select.replaceChildren(...people.map(p => el('option', { value: p.id }, p.real)))
    select.value = this.state.me
  }

  showPlace(c) {
    const name = this.name(c)
    document.title = `${name} · Try Crosscheck`
    $('title').textContent = name
    $('topic').textContent = this.direct(c) ? 'Answers from your articles. Every sentence cites its source.'
      : [c.private ? 'private' : '', c.topic, `${this.members(c)} members`].filter(Boolean).join(' · ')
    this.composer.label(this.invitation(c))
    this.pin.show(c.pinned && this.reading() ? [{ key: c.id, ...c.pinned }] : [])
  }

  showPlaces() {
    const entry = c => ({
      key: c.id, me: this.state.me, id: c.id, name: this.direct(c) ? this.botName() : `# ${c.name}`,
      mark: this.mark(c), here: c.id === this.place, unread: this.unread(c),
    })
    this.places.show([
      { key: 'channels', heading: 'Channels' }, ...this.channels().map(entry),
      { key: 'direct', heading: 'Direct messages' }, ...this.state.channels.filter(c => this.direct(c)).map(entry),
    ])
  }

  // unread counts what came since the person looked. What was there when they first came is not news.
  unread(c) {
    const key = `${this.state.me} ${c.id}`
    if (!(key in this.seen)) this.seen[key] = newest(c)
    return c.messages.filter(m => m.at > this.seen[key] && m.user !== this.state.me).length
  }

  // keepInView shows the newest message to those who were looking at it, and what came of it to those who have just written.
  keepInView(atEnd) {
    const scroll = $('scroll')
    const room = scroll.clientHeight
    const thread = this.followed()
    const last = thread && thread.offsetHeight > room && [...thread.querySelectorAll('.below .message')].at(-1)
    const target = last || thread
    if (target) target.scrollIntoView({ block: target.offsetHeight > room ? 'start' : 'nearest' })
    if (last && last.offsetHeight < room / 2) thread.scrollIntoView({ block: 'end' })
    if (!target && atEnd) scroll.scrollTop = scroll.scrollHeight
  }

  // followed is the thread that one has just written in. An answer to oneself alone stands by itself, as the newest.
  followed() {
    const last = $('messages').lastElementChild
    const part = this.threads.shown.get(this.follow)
    const alone = last && last.querySelector(':scope > div > .alone')
    return this.follow === 'newest' || (part && alone) ? last : part && part.part.node
  }

  // arriveAt begins to read at the end, but where nobody has asked anything yet, at the hint what to try.
  arriveAt(c) {
    const scroll = $('scroll')
    const untouched = c.pinned && !c.messages.some(m => m.bot)
    scroll.scrollTop = untouched || !this.reading() ? 0 : scroll.scrollHeight
  }

  // arrive does what the address says: #/person/conversation, and what else a platform puts there.
  async arrive() {
    const [, me, id, more] = location.hash.split('/')
    if (me && me !== this.link.me) {
      this.place = ''
      await this.link.become(me)
    }
    if (!this.state) return
    const channels = this.state.channels
    const there = channels.find(c => c.id === id) || channels.find(c => id === 'app' && this.direct(c)) || channels[0]
    this.turn(there, more)
    if (this.place !== there.id || !this.threads) {
      this.place = there.id
      $('messages').replaceChildren()
      this.composer.about(null)
      this.threads = new List($('messages'), () => new Thread(this))
    }
    document.body.classList.remove('choosing')
    $('menu').setAttribute('aria-expanded', 'false')
    $('toast').hidden = true
    this.follow = ''
    this.show(this.state)
    this.arriveAt(there)
    this.beginToWrite()
    this.opened(there)
  }

  // beginToWrite lets those go on by writing who have chosen a conversation. Where that would bring up a keyboard they choose to.
  beginToWrite() {
    const chosen = document.activeElement === document.body || $('places').contains(document.activeElement)
    if (chosen && this.reading() && !matchMedia('(pointer: coarse)').matches) this.composer.focus()
  }
}

const newest = c => c.messages.reduce((at, m) => Math.max(at, m.at), 0)

function placePart(entry) {
  if (entry.heading) return { node: el('h3', {}, entry.heading) }
  const name = [entry.name, entry.mark && el('small', {}, ` ${entry.mark}`)]
  const count = entry.unread > 0 && el('span', { class: 'count', 'aria-label': `${entry.unread} new` }, String(entry.unread))
  return {
    node: el('a', { href: `#/${entry.me}/${entry.id}`, 'aria-current': entry.here && 'page', class: entry.unread > 0 && 'news' }, el('span', {}, name), count),
  }
}

// The hint above the messages: what to try, to be pressed.
function pinPart(entry, page) {
  return {
    node: el('section', { class: 'pin', 'aria-label': 'What to try' },
      el('h3', {}, entry.text),
      el('div', { class: 'actions' }, entry.questions.map(q => el('button', { type: 'button', onclick: () => page.post(page.place, `@Crosscheck ${q}`) }, q))),
      el('div', { class: 'actions' }, entry.commands.map(c => el('button', { type: 'button', class: 'code', title: 'Put this into the composer', onclick: () => page.composer.fill(c) }, c))),
      el('p', { class: 'small' }, entry.note)),
  }
}
