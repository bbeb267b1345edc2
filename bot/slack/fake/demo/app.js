// The page of the made-up Slack: beside conversations there are the app's home, what it suggests to ask, and its work on a thread.

import { el } from './text.js'
import { List } from './list.js'
import { Page, $ } from './page.js'
import { Dialog } from './dialog.js'
import { mrkdwn } from './markup.js'
import { render } from './blocks.js'
import { Home, dialog } from './views.js'

class Slack extends Page {
  constructor() {
    super()
    this.tab = 'messages' // of the conversation with the app
    this.pressed = {} // which feedback button was pressed, by person, message and action
    this.tabs = el('div', { id: 'tabs', role: 'tablist', hidden: true }, ['messages', 'home'].map(tab => el('button', {
      type: 'button', role: 'tab', id: `tab-${tab}`, 'aria-controls': 'scroll', onclick: () => this.go(tab),
    }, tab === 'home' ? 'Home' : 'Messages')))
    this.tabs.addEventListener('keydown', e => this.otherTab(e))
    document.querySelector('main > header').append(this.tabs)
    const at = el('div', { id: 'home', hidden: true })
    $('scroll').append(at)
    this.home = new Home(at, this)
    this.modal = new Dialog($('modal'), dialog(this))
    this.prompts = new List($('above'), entry => this.prompt(entry))
  }

  understand(state) {
    for (const c of state.channels) {
      for (const m of c.messages) Object.assign(m, { id: m.ts, channel: c.id, at: Number(m.ts) * 1000, growing: m.streaming })
    }
    return state
  }

  direct(c) {
    return c.im
  }

  // rows are the messages of a conversation, each with its thread. A reply to what is not there stands by itself.
  rows(c) {
    const roots = c.messages.filter(m => !m.thread || m.thread === m.ts || !c.messages.some(r => r.ts === m.thread))
    return roots.map(root => {
      const replies = c.messages.filter(m => m.thread === root.ts && m !== root)
      return { key: root.ts, root, replies, state: c.threads[root.ts] || {}, pressed: [root, ...replies].map(m => this.pressedIn(m)) }
    })
  }

  body(m) {
    const names = id => this.names(id)
    if (!m.bot || !m.blocks) return el('p', {}, mrkdwn(m.text, names))
    return render(m.blocks, {
      names,
      channels: () => this.channels(),
      pressed: action => this.pressed[`${this.me()} ${m.ts} ${action}`],
      click: (action, value) => {
        if (value) this.press(m, action, value)
        return this.act('click', { channel: m.channel, ts: m.ts, action, value })
      },
      select: (action, value) => this.act('select', { channel: m.channel, ts: m.ts, action, value }),
    })
  }

  postscript(m) {
    return m.stopped && el('p', { class: 'small' }, 'Stopped.')
  }

  menu(m, thread) {
    return [
      ['Check this claim', () => this.act('shortcut', { channel: m.channel, ts: m.ts, action: 'check_claim' })],
      !m.ephemeral && ['Reply in thread', () => thread.reply()],
      m.user === this.me() && ['Delete', () => this.act('delete', { channel: m.channel, ts: m.ts })],
    ]
  }

  press(m, action, value) {
    this.pressed[`${this.me()} ${m.ts} ${action}`] = value
    this.show(this.state)
  }

  pressedIn(m) {
    return Object.keys(this.pressed).filter(key => key.startsWith(`${this.me()} ${m.ts} `)).map(key => this.pressed[key])
  }

  write(row, text) {
    if (!text.startsWith('/')) return this.post(this.place, text, { thread: row.key }, row.key)
    this.say('Commands cannot be used in threads.')
    return false
  }

  stop(row) {
    return this.act('stop', { channel: this.place, thread: row.key })
  }

  reading() {
    return this.tab === 'messages'
  }

  turn(there, more) {
    this.tab = there.im && more === 'home' ? 'home' : 'messages'
  }

  opened(there) {
    if (there.im) this.act('open', { tab: this.tab })
  }

  showed(here) {
    this.home.show(this.state.home)
    this.modal.show(this.state.views.at(-1))
    this.tabs.hidden = !here.im
    for (const t of ['messages', 'home']) $(`tab-${t}`).setAttribute('aria-selected', String(this.tab === t))
    $('home').hidden = this.reading()
    $('messages').hidden = $('composer').hidden = $('above').hidden = !this.reading()
    this.prompts.show(here.im && here.prompts ? [{ key: 'title', heading: here.prompts_title }, ...here.prompts.map(p => ({ key: p.message, ...p }))] : [])
  }

  // prompt is something that the app suggests to ask it.
  prompt(entry) {
    if (entry.heading !== undefined) return { node: el('p', { class: 'small' }, entry.heading) }
    return { node: el('button', { type: 'button', title: entry.message, onclick: () => this.post(this.place, entry.message) }, entry.title) }
  }

  // go opens one of the two tabs of the conversation with the app.
  go(tab) {
    location.hash = `#/${this.me()}/${this.place}${tab === 'home' ? '/home' : ''}`
  }

  otherTab(e) {
    if (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight') return
    const other = this.tab === 'home' ? 'messages' : 'home'
    this.go(other)
    $(`tab-${other}`).focus()
  }
}

new Slack().begin()
