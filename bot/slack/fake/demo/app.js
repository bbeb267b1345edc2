// The page: who one is, where one looks, and what is there.

import { el } from './text.js'
import { List } from './list.js'
import { Link } from './server.js'
import { Composer } from './composer.js'
import { Thread } from './messages.js'
import { Home, Modal } from './views.js'

const $ = id => document.getElementById(id)

let state = null // what the person sees
let place = '' // the conversation that is open
let tab = 'messages' // of the conversation with the app
let follow = '' // the thread that is kept in view, or newest: whatever is last
const read = {} // the newest message that was seen, by person and conversation
const pressed = {} // which feedback button was pressed, by person, message and action

const link = new Link(next => show(next), complain)

// desk is what the parts of the page know and can do.
const desk = {
  me: () => state.me,
  botName: () => desk.person(state.bot).real,
  person: id => {
    const i = state.people.findIndex(p => p.id === id)
    return i < 0 ? { id, name: id, real: id || 'Somebody', hue: 0 } : { ...state.people[i], hue: i % 5 }
  },
  people: () => state.people.filter(p => p.id !== state.me),
  names: id => {
    const named = state.people.find(p => p.id === id)
    const channel = state.channels.find(c => c.id === id)
    return named ? named.real : channel && channel.name
  },
  channels: () => state.channels.filter(c => !c.im),
  commands: () => state.commands,
  act: (what, deed) => {
    if (what === 'shortcut') follow = 'newest'
    return link.act(what, deed)
  },
  say: words => complain(words),
  post: async (channel, text, thread) => {
    const ts = await link.act('post', { channel, text, thread })
    follow = thread || ts || ''
    keepInView(false)
    return ts !== undefined
  },
  pressedOf: (m, action) => pressed[`${state.me} ${m.ts} ${action}`],
  pressedIn: m => Object.keys(pressed).filter(key => key.startsWith(`${state.me} ${m.ts} `)).map(key => pressed[key]),
  press: (m, action, value) => {
    pressed[`${state.me} ${m.ts} ${action}`] = value
    show(state)
  },
}

const composer = new Composer($('composer'), desk, { id: 'composer-text', label: 'Message', send })
const modal = new Modal($('modal'), desk)
const home = new Home($('home'), desk)
let threads = null // of the conversation that is open

function channel() {
  return state.channels.find(c => c.id === place)
}

// send posts what was written, or uses the command that it begins with.
async function send(text) {
  const command = /^(\/\S*)\s*([^]*)$/.exec(text)
  if (!command) return desk.post(place, text)
  if (!state.commands.some(c => c.name === command[1])) {
    complain(`There is no command ${command[1]}. Write / to see those there are.`)
    return false
  }
  follow = 'newest'
  return (await link.act('slash', { channel: place, command: command[1], text: command[2] })) !== undefined
}

function complain(words) {
  const toast = $('toast')
  toast.textContent = words
  toast.hidden = false
  clearTimeout(complain.timer)
  complain.timer = setTimeout(() => (toast.hidden = true), 6000)
}

// show shows a state.
function show(next) {
  state = next
  if (!channel()) return // nothing is open yet
  const scroll = $('scroll')
  const atEnd = scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80
  showPeople()
  const here = channel()
  showPlace(here)
  const changed = threads.show(rows(here))
  home.show(state.home)
  modal.show(state.views)
  if (tab === 'messages') read[`${state.me} ${place}`] = newest(here)
  showPlaces()
  if (changed) keepInView(atEnd)
}

// rows are the messages of a conversation, each with its thread. A reply to what is not there stands by itself.
function rows(c) {
  const roots = c.messages.filter(m => !m.thread || m.thread === m.ts || !c.messages.some(r => r.ts === m.thread))
  return roots.map(root => ({
    key: root.ts,
    root,
    replies: c.messages.filter(m => m.thread === root.ts && m !== root),
    state: c.threads[root.ts] || {},
    pressed: c.messages.filter(m => m === root || m.thread === root.ts).map(desk.pressedIn),
  }))
}

// keepInView shows the newest message to those who were looking at it, and what came of it to those who have just written.
function keepInView(atEnd) {
  const scroll = $('scroll')
  const room = scroll.clientHeight
  const thread = followed()
  const last = thread && thread.offsetHeight > room && [...thread.querySelectorAll('.below .message')].at(-1)
  const target = last || thread
  if (target) target.scrollIntoView({ block: target.offsetHeight > room ? 'start' : 'nearest' })
  if (last && last.offsetHeight < room / 2) thread.scrollIntoView({ block: 'end' })
  if (!target && atEnd) scroll.scrollTop = scroll.scrollHeight
}

// followed is the thread that one has just written in. An answer to oneself alone stands by itself, as the newest.
function followed() {
  const last = $('messages').lastElementChild
  const part = threads.shown.get(follow)
  const alone = last && last.querySelector(':scope > div > .alone')
  return follow === 'newest' || (part && alone) ? last : part && part.part.node
}

// arriveAt begins to read at the end, but where nobody has asked anything yet, at the hint what to try.
function arriveAt(c) {
  const scroll = $('scroll')
  const untouched = c.pinned && !c.messages.some(m => m.bot)
  scroll.scrollTop = untouched || tab === 'home' ? 0 : scroll.scrollHeight
}

function showPeople() {
  $('team').textContent = state.team
  $('offline').hidden = state.connected
  const people = state.people.filter(p => !p.bot)
  const select = $('me')
  if (select.options.length !== people.length) select.replaceChildren(...people.map(p => el('option', { value: p.id }, p.real)))
  select.value = state.me
}

const newest = c => c.messages.reduce((ts, m) => (m.ts > ts ? m.ts : ts), '')

// unread counts what came since the person looked. What was there when they first came is not news.
function unread(c) {
  const key = `${state.me} ${c.id}`
  if (!(key in read)) read[key] = newest(c)
  return c.messages.filter(m => m.ts > read[key] && m.user !== state.me).length
}

const shownPlaces = new List($('places'), entry => ({
  node: entry.heading ? el('h3', {}, entry.heading)
    : el('a', { href: `#/${entry.me}/${entry.id}`, 'aria-current': entry.here && 'page', class: entry.unread > 0 && 'news' },
      el('span', {}, entry.name, entry.mark && el('small', {}, ` ${entry.mark}`)), entry.unread > 0 && el('span', { class: 'count', 'aria-label': `${entry.unread} new` }, String(entry.unread))),
}))

function showPlaces() {
  const entry = c => ({ key: c.id, me: state.me, id: c.id, name: c.im ? desk.botName() : `# ${c.name}`, mark: c.private && 'private', here: c.id === place, unread: unread(c) })
  shownPlaces.show([
    { key: 'channels', heading: 'Channels' }, ...state.channels.filter(c => !c.im).map(entry),
    { key: 'direct', heading: 'Direct messages' }, ...state.channels.filter(c => c.im).map(entry),
  ])
}

function showPlace(c) {
  const name = c.im ? desk.botName() : `#${c.name}`
  document.title = `${name} · Try Crosscheck`
  $('title').textContent = name
  const others = c.members.length - 1
  $('topic').textContent = c.im ? 'Answers from your articles. Every sentence cites its source.' : [c.private ? 'private' : '', c.topic, `${others + 1} members`].filter(Boolean).join(' · ')
  $('tabs').hidden = !c.im
  for (const t of ['messages', 'home']) $(`tab-${t}`).setAttribute('aria-selected', String(tab === t))
  const atHome = c.im && tab === 'home'
  $('home').hidden = !atHome
  $('messages').hidden = $('composer').hidden = $('prompts').hidden = atHome
  composer.label(`Message ${name}`)
  pin.show(c.pinned && !atHome ? [{ key: c.id, ...c.pinned }] : [])
  prompts.show(c.im && c.prompts ? [{ key: 'title', heading: c.prompts_title }, ...c.prompts.map(p => ({ key: p.message, ...p }))] : [])
}

// The hint above the messages: what to try, to be pressed.
const pin = new List($('pin'), entry => ({
  node: el('section', { class: 'pin', 'aria-label': 'What to try' },
    el('h3', {}, entry.text),
    el('div', { class: 'actions' }, entry.questions.map(q => el('button', { type: 'button', onclick: () => desk.post(place, `@Crosscheck ${q}`) }, q))),
    el('div', { class: 'actions' }, entry.commands.map(c => el('button', { type: 'button', class: 'code', title: 'Put this into the composer', onclick: () => composer.fill(c) }, c))),
    el('p', { class: 'small' }, entry.note)),
}))

// What the app suggests to ask it.
const prompts = new List($('prompts'), entry => ({
  node: entry.heading !== undefined ? el('p', { class: 'small' }, entry.heading)
    : el('button', { type: 'button', title: entry.message, onclick: () => desk.post(place, entry.message) }, entry.title),
}))

// go opens a conversation, or one of the two tabs of that with the app.
function go(id, of = 'messages') {
  location.hash = `#/${state.me}/${id}${of === 'home' ? '/home' : ''}`
}

// arrive does what the address says: #/person/conversation/tab.
async function arrive() {
  const [, me, id, of] = location.hash.split('/')
  if (me && me !== link.me) {
    place = ''
    await link.become(me)
  }
  if (!state) return
  const there = state.channels.find(c => c.id === id) || state.channels.find(c => id === 'app' && c.im) || state.channels[0]
  tab = there.im && of === 'home' ? 'home' : 'messages'
  if (place !== there.id || !threads) {
    place = there.id
    $('messages').replaceChildren()
    threads = new List($('messages'), () => new Thread(desk, place))
  }
  document.body.classList.remove('choosing')
  $('menu').setAttribute('aria-expanded', 'false')
  $('toast').hidden = true
  follow = ''
  show(state)
  arriveAt(there)
  write()
  if (there.im) link.act('open', { tab })
}

// write lets those go on by writing who have chosen a conversation. Where that would bring up a keyboard they choose to.
function write() {
  const chosen = document.activeElement === document.body || $('places').contains(document.activeElement)
  if (chosen && tab === 'messages' && !matchMedia('(pointer: coarse)').matches) composer.focus()
}

$('me').addEventListener('change', () => {
  const c = channel()
  location.hash = `#/${$('me').value}/${c.im ? 'app' : c.id}`
})
$('tab-messages').addEventListener('click', () => go(place))
$('tab-home').addEventListener('click', () => go(place, 'home'))
$('tabs').addEventListener('keydown', e => {
  if (e.key !== 'ArrowLeft' && e.key !== 'ArrowRight') return
  go(place, tab === 'home' ? 'messages' : 'home')
  $(tab === 'home' ? 'tab-messages' : 'tab-home').focus()
})
$('menu').addEventListener('click', () => {
  const open = document.body.classList.toggle('choosing')
  $('menu').setAttribute('aria-expanded', String(open))
})
for (const moved of ['wheel', 'touchmove']) $('scroll').addEventListener(moved, () => (follow = ''), { passive: true })
window.addEventListener('hashchange', arrive)
document.addEventListener('visibilitychange', () => !document.hidden && link.look())

threads = new List($('messages'), () => new Thread(desk, place))
link.become(location.hash.split('/')[1] || '').then(arrive)
