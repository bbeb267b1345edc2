// What passes between the page and the made-up workspace: what one person sees comes, what they do goes.

/** Link asks for the state again and again, and hands it on whenever it has changed. */
export class Link {
  constructor(changed, failed) {
    Object.assign(this, { changed, failed, me: '', seen: '', timer: 0, turn: 0 })
  }

  /** become has the page act as somebody else. */
  become(user) {
    this.me = user
    this.seen = ''
    return this.look()
  }

  /** look asks at once, and then goes on asking. An answer that another question overtook is thrown away. */
  async look() {
    clearTimeout(this.timer)
    const turn = ++this.turn
    let pause = document.hidden ? 3000 : 350
    try {
      const response = await fetch(`/demo/state?as=${encodeURIComponent(this.me)}&seen=${this.seen}`)
      if (turn !== this.turn) return
      if (response.status === 404) return this.become('')
      if (response.status === 200) {
        const { version, state } = await response.json()
        if (turn !== this.turn) return
        this.seen = version
        this.me = state.me
        this.changed(state)
      }
    } catch {
      if (turn !== this.turn) return
      this.failed('The program is not running any more.')
      pause = 3000
    }
    this.timer = setTimeout(() => this.look(), pause)
  }

  /** act does something as the person one is, and returns what came of it, or nothing when it was refused. */
  async act(what, deed) {
    let id
    try {
      const response = await fetch(`/demo/${what}`, {
        method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ as: this.me, ...deed }),
      })
      const answer = await response.json()
      if (answer.error) this.failed(answer.error)
      else id = answer.id
    } catch {
      this.failed('That did not arrive. Is the program still running?')
    }
    await this.look()
    return id
  }
}
