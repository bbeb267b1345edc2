// Messages and the threads below them.

import { el } from './text.js'
import { List } from './list.js'
import { Composer } from './composer.js'

/** Thread is a message of a conversation with the replies to it. The desk is what the page lets one do, see page.js. */
export class Thread {
  constructor(desk) {
    Object.assign(this, { desk, open: true, replying: false })
    this.heading = el('div')
    this.head = el('div')
    this.toggle = el('button', { type: 'button', class: 'toggle', onclick: () => this.fold() })
    this.replies = el('div')
    this.working = el('div', { class: 'working', role: 'status' })
    this.foot = el('div', { class: 'foot' })
    this.below = el('div', { class: 'below' }, this.replies, this.working, this.foot)
    this.node = el('div', { class: 'thread' }, this.heading, this.head, this.toggle, this.below)
    this.first = new List(this.head, e => new Message(desk, e.message, this))
    this.rest = new List(this.replies, e => new Message(desk, e.message, this))
  }

  update(row) {
    this.row = row
    const entry = m => ({ key: m.id, message: m, pressed: this.desk.pressedIn(m) })
    this.heading.replaceChildren(...[this.desk.heading(row)].filter(Boolean))
    this.first.show([entry(row.root)])
    this.rest.show(row.replies.map(entry))
    this.showWork(row.state)
    this.showFoot()
  }

  showWork(state) {
    const stop = state.working && el('button', { type: 'button', class: 'stop', onclick: () => this.desk.stop(this.row) }, 'Stop')
    const words = state.status || (state.working ? 'is at work…' : '')
    this.working.replaceChildren(...(words ? [el('span', {}, `${this.desk.botName()} ${words}`)] : []), ...(stop ? [stop] : []))
  }

  showFoot() {
    const there = this.desk.hasThread(this.row)
    this.toggle.hidden = !there
    this.toggle.textContent = `${this.open ? '▾' : '▸'} ${this.desk.threadLabel(this.row)}`
    this.toggle.setAttribute('aria-expanded', String(this.open))
    this.below.hidden = !this.open && !this.replying
    if (this.replying && !this.composer) {
      const form = el('form', { class: 'composer' })
      this.foot.replaceChildren(form)
      this.composer = new Composer(form, this.desk, {
        label: 'Reply in this thread', send: (text, about) => this.desk.write(this.row, text, about), cancel: () => this.endReply(),
      })
    } else if (!this.replying) {
      this.composer = null
      const begin = there && el('button', { type: 'button', class: 'link', onclick: () => this.reply() }, 'Reply')
      this.foot.replaceChildren(...(begin ? [begin] : []))
    }
  }

  fold() {
    this.open = !this.open
    this.showFoot()
  }

  /** reply lets one write in the thread, about one of its messages if there is one in particular. */
  reply(about = null) {
    this.open = this.replying = true
    this.showFoot()
    this.composer.about(about)
    this.composer.focus()
  }

  endReply() {
    this.replying = false
    this.showFoot()
    const again = this.foot.querySelector('button')
    if (again) again.focus()
  }
}

/** Message is one message. */
class Message {
  constructor(desk, m, thread) {
    if (m.deleted) {
      this.node = el('article', { class: 'message gone' }, el('p', { class: 'small' }, 'This message was deleted.'))
      return
    }
    const who = desk.person(m.user)
    this.node = el('article', { class: `message${m.ephemeral ? ' alone' : ''}${m.growing ? ' growing' : ''}`, 'aria-label': `${who.real}, ${clock(m.at)}` },
      avatar(who),
      el('div', { class: 'said' },
        desk.preface(m),
        m.ephemeral && desk.alone() && el('p', { class: 'only' }, desk.alone()),
        el('p', { class: 'by' }, el('strong', {}, who.real), who.bot && el('span', { class: 'app' }, desk.badge()), el('time', {}, clock(m.at)),
          m.edited && !m.ephemeral && el('span', { class: 'small' }, 'edited')),
        el('div', { class: 'body' }, desk.body(m)),
        desk.postscript(m)),
      menu(desk.menu(m, thread).filter(Boolean)))
  }
}

function menu(entries) {
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
  return entries.length > 0 && details
}

function avatar(who) {
  if (who.bot) return el('img', { class: 'face', src: '/demo/icon.svg', alt: '' })
  const initials = who.real.split(' ').map(word => word[0]).join('')
  return el('span', { class: `face hue-${who.hue}`, 'aria-hidden': 'true' }, initials)
}

function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
}
