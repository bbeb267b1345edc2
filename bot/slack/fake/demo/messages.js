// Messages and the threads below them.

import { el, mrkdwn } from './text.js'
import { render } from './blocks.js'
import { List } from './list.js'
import { Composer } from './composer.js'

/**
 * Thread is a message of a conversation with the replies to it. The desk is what the page
 * lets one do, see app.js.
 */
export class Thread {
  constructor(desk, channel) {
    Object.assign(this, { desk, channel, open: true, replying: false })
    this.head = el('div')
    this.toggle = el('button', { type: 'button', class: 'toggle', onclick: () => this.fold() })
    this.replies = el('div')
    this.working = el('div', { class: 'working', role: 'status' })
    this.foot = el('div', { class: 'foot' })
    this.below = el('div', { class: 'below' }, this.replies, this.working, this.foot)
    this.node = el('div', { class: 'thread' }, this.head, this.toggle, this.below)
    this.first = new List(this.head, e => new Message(desk, channel, e, () => this.reply()))
    this.rest = new List(this.replies, e => new Message(desk, channel, e, () => this.reply()))
  }

  update({ root, replies, state }) {
    this.root = root
    this.count = replies.length
    this.first.show([{ key: root.ts, message: root, pressed: this.desk.pressedIn(root) }])
    this.rest.show(replies.map(m => ({ key: m.ts, message: m, pressed: this.desk.pressedIn(m) })))
    this.showWork(state)
    this.showFoot()
  }

  showWork(state) {
    const stop = state.working && el('button', { type: 'button', class: 'stop', onclick: () => this.stop() }, 'Stop')
    const words = state.status || (state.working ? 'is at work…' : '')
    this.working.replaceChildren(...(words ? [el('span', {}, `${this.desk.botName()} ${words}`)] : []), ...(stop ? [stop] : []))
  }

  showFoot() {
    this.toggle.hidden = this.count === 0
    this.toggle.textContent = `${this.open ? '▾' : '▸'} ${this.count} ${this.count === 1 ? 'reply' : 'replies'}`
    this.toggle.setAttribute('aria-expanded', String(this.open))
    this.below.hidden = !this.open && !this.replying
    if (this.replying && !this.composer) {
      const form = el('form', { class: 'composer' })
      this.foot.replaceChildren(form)
      this.composer = new Composer(form, this.desk, { label: 'Reply in this thread', send: text => this.send(text), cancel: () => this.endReply() })
    } else if (!this.replying) {
      this.composer = null
      const begin = this.count > 0 && el('button', { type: 'button', class: 'link', onclick: () => this.reply() }, 'Reply')
      this.foot.replaceChildren(...(begin ? [begin] : []))
    }
  }

  fold() {
    this.open = !this.open
    this.showFoot()
  }

  reply() {
    this.open = this.replying = true
    this.showFoot()
    this.composer.focus()
  }

  endReply() {
    this.replying = false
    this.showFoot()
    const again = this.foot.querySelector('button')
    if (again) again.focus()
  }

  async send(text) {
    if (text.startsWith('/')) {
      this.desk.say('Commands cannot be used in threads.')
      return false
    }
    return this.desk.post(this.channel, text, this.root.ts)
  }

  stop() {
    return this.desk.act('stop', { channel: this.channel, thread: this.root.ts })
  }
}

/** Message is one message. */
class Message {
  constructor(desk, channel, { message }, reply) {
    Object.assign(this, { desk, channel, message, reply })
    const m = message
    if (m.deleted) {
      this.node = el('article', { class: 'message gone' }, el('p', { class: 'small' }, 'This message was deleted.'))
      return
    }
    const who = desk.person(m.user)
    this.node = el('article', { class: `message${m.ephemeral ? ' alone' : ''}${m.streaming ? ' growing' : ''}`, 'aria-label': `${who.real}, ${clock(m.ts)}` },
      avatar(who),
      el('div', { class: 'said' },
        m.ephemeral && el('p', { class: 'only' }, 'Only visible to you'),
        el('p', { class: 'by' }, el('strong', {}, who.real), who.bot && el('span', { class: 'app' }, 'bot'), el('time', {}, clock(m.ts)),
          m.edited && !m.ephemeral && el('span', { class: 'small' }, 'edited')),
        el('div', { class: 'body' }, this.body()),
        m.stopped && el('p', { class: 'small' }, 'Stopped.')),
      this.menu())
  }

  body() {
    const { desk, channel, message: m } = this
    if (!m.bot || !m.blocks) return el('p', {}, mrkdwn(m.text, desk.names))
    return render(m.blocks, {
      names: desk.names,
      channels: desk.channels,
      pressed: action => desk.pressedOf(m, action),
      click: (action, value) => {
        if (value) desk.press(m, action, value)
        return desk.act('click', { channel, ts: m.ts, action, value })
      },
      select: (action, value) => desk.act('select', { channel, ts: m.ts, action, value }),
    })
  }

  menu() {
    const { desk, channel, message: m } = this
    const entries = [
      ['Check this claim', () => desk.act('shortcut', { channel, ts: m.ts, action: 'check_claim' })],
      !m.ephemeral && ['Reply in thread', this.reply],
      m.user === desk.me() && ['Delete', () => desk.act('delete', { channel, ts: m.ts })],
    ].filter(Boolean)
    const details = el('details', { class: 'menu', onkeydown: e => {
      if (e.key !== 'Escape' || !details.open) return
      details.open = false
      details.querySelector('summary').focus()
    } },
    el('summary', { 'aria-label': 'What to do with this message', title: 'More' }, '⋯'),
    el('div', { class: 'entries' }, entries.map(([name, act]) => el('button', { type: 'button', onclick: () => {
      details.open = false
      act()
    } }, name))))
    details.addEventListener('focusout', e => {
      if (!details.contains(e.relatedTarget)) details.open = false
    })
    return details
  }
}

function avatar(who) {
  if (who.bot) return el('img', { class: 'face', src: '/demo/icon.svg', alt: '' })
  const initials = who.real.split(' ').map(word => word[0]).join('')
  return el('span', { class: `face hue-${who.hue}`, 'aria-hidden': 'true' }, initials)
}

function clock(ts) {
  return new Date(Number(ts) * 1000).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}
