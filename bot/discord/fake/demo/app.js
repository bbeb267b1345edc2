// The page of the made-up Discord: threads are channels of their own there and stand below the message with which they began, people
// post in forums, and what a command is given the app may suggest.

import { el } from './text.js'
import { List } from './list.js'
import { Page, $ } from './page.js'
import { Dialog } from './dialog.js'
import { flat, prose } from './markdown.js'
import { embeds, render } from './components.js'
import { dialog } from './modal.js'

class Discord extends Page {
  constructor() {
    super()
    this.dismissed = new Set() // the messages that somebody has seen enough of
    this.asked = null // what was asked of the app while somebody types: id, and whom to tell
    this.modal = new Dialog($('modal'), dialog(this))
    this.notes = new List($('above'), entry => ({ node: entry.node() }))
    this.subject = el('input', { id: 'subject', 'aria-label': 'Title of a new post', placeholder: 'Title of a new post', maxlength: 100, autocomplete: 'off' })
  }

  direct(c) {
    return c.direct
  }

  mark(c) {
    return c.forum ? 'forum' : super.mark(c)
  }

  invitation(c) {
    return c.forum ? `New post in ${this.name(c)}` : super.invitation(c)
  }

  members(c) {
    return c.members
  }

  names(id) {
    const thread = this.state.channels.map(c => c.threads[id]).find(Boolean)
    return thread ? thread.name : super.names(id)
  }

  offline() {
    return 'Crosscheck is not connected, and does not see what is written now.'
  }

  // rows are the messages of a channel, or the posts of a forum, each with its thread.
  rows(c) {
    const roots = c.messages.filter(m => (c.forum ? m.id === m.channel : m.channel === c.id) && !this.dismissed.has(m.id))
    return roots.map(root => {
      const id = c.forum ? root.id : root.thread
      const thread = c.threads[id]
      return {
        key: root.id, root, replies: c.messages.filter(m => thread && m.channel === id && m !== root && !this.dismissed.has(m.id)),
        state: thread ? { id, name: thread.name, status: thread.typing && 'is typing…' } : {}, forum: c.forum,
      }
    })
  }

  heading(row) {
    return row.forum && el('h3', { class: 'subject' }, row.state.name)
  }

  threadLabel(row) {
    const count = `${row.replies.length} ${row.replies.length === 1 ? 'message' : 'messages'}`
    return row.forum ? count : `${row.state.name} · ${count}`
  }

  hasThread(row) {
    return Boolean(row.state.id)
  }

  badge() {
    return 'APP'
  }

  alone() {
    return ''
  }

  preface(m) {
    const names = id => this.names(id)
    return [
      m.used && el('p', { class: 'ref small' }, el('strong', {}, this.person(m.used.user).real), ' used ', el('span', { class: 'mention' }, m.used.command)),
      m.reply_to && el('p', { class: 'ref small' }, m.reply_to.user ? [el('strong', {}, this.person(m.reply_to.user).real), ' ', flat(m.reply_to.text.slice(0, 200), names)] : 'Original message was deleted'),
    ]
  }

  body(m) {
    const names = id => this.names(id)
    if (m.loading) return el('p', { class: 'working' }, el('span', {}, `${this.botName()} is thinking…`))
    if (m.failed) return el('p', { class: 'error' }, 'The application did not respond.')
    return [
      m.text && el('div', { class: 'prose' }, prose(m.text, names)),
      embeds(m.embeds, names),
      render(m.components, {
        names,
        people: () => this.people(),
        channels: () => this.channels(),
        click: action => this.press(m, 'click', { action }),
        select: (action, chosen) => this.press(m, 'select', { action, chosen }),
      }),
    ]
  }

  postscript(m) {
    return m.ephemeral && el('p', { class: 'only' }, 'Only you can see this · ', el('button', { type: 'button', class: 'link', onclick: () => this.dismiss(m) }, 'Dismiss message'))
  }

  menu(m, thread) {
    const inThread = m.channel !== this.place
    const about = { id: m.id, words: `Replying to ${this.person(m.user).real}` }
    return [
      !m.failed && !m.loading && ['Check this claim', () => this.press(m, 'shortcut', { action: 'Check this claim' })],
      !m.ephemeral && ['Reply', () => (inThread ? thread.reply(about) : this.reply(about))],
      !m.ephemeral && !inThread && !this.direct(this.channel()) && [m.thread ? 'Write in its thread' : 'Create thread', () => thread.reply()],
      m.ephemeral && ['Dismiss message', () => this.dismiss(m)],
      m.user === this.me() && ['Delete', () => this.act('delete', { channel: m.channel, message: m.id })],
    ]
  }

  reply(about) {
    this.composer.about(about)
    this.composer.focus()
  }

  // press uses something of a message, and keeps in view what comes of it: a thread has the name of the message that it began with.
  press(m, what, deed) {
    this.follow = m.channel === this.place ? 'newest' : m.channel
    return this.link.act(what, { channel: m.channel, message: m.id, ...deed })
  }

  dismiss(m) {
    this.dismissed.add(m.id)
    this.show(this.state)
  }

  // write says something in a thread, which begins with it if there is none yet.
  write(row, text, about) {
    const there = row.state.id
    if (text.startsWith('/')) return this.use(there || this.place, text)
    return there ? this.post(there, text, about ? { reply: about.id } : {}, row.key) : this.post(this.place, text, { thread: row.key }, row.key)
  }

  async send(text, about) {
    if (!this.channel().forum) return super.send(text, about)
    const title = this.subject.value.trim()
    if (title === '' || text.startsWith('/')) {
      this.say(title === '' ? 'A post needs a title.' : 'Commands cannot be used in a forum, only in its posts.')
      return false
    }
    const taken = await this.post(this.place, text, { title })
    if (taken) this.subject.value = ''
    return taken
  }

  /** suggest returns what the app suggests to give to a command. */
  async suggest(command, typed) {
    const id = await this.link.act('suggest', { channel: this.place, command, text: typed })
    return new Promise(tell => {
      this.asked = { id, tell }
      this.tellSuggested()
    })
  }

  tellSuggested() {
    const { id, done, choices } = this.state.suggested
    if (!this.asked || this.asked.id !== id || !done) return
    this.asked.tell((choices || []).map(c => c.value))
    this.asked = null
  }

  showed(here) {
    const modal = this.state.modal
    this.modal.show(modal && { ...modal, submit: 'Submit', close: 'Cancel' })
    this.tellSuggested()
    this.notes.show([
      here.typing && { key: 'typing', node: () => el('p', { class: 'small working' }, el('span', {}, `${this.botName()} is typing…`)) },
      here.forum && { key: 'subject', node: () => this.subject },
    ].filter(Boolean))
  }
}

new Discord().begin()
