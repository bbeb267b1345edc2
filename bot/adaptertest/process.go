package adaptertest

import (
	"context"
	"strings"
	"sync"

	"crosscheck/bot"
)

// processPromises are about the end of a process and the beginning of the next.
func processPromises() []promise {
	return []promise{
		{"a process that is stopped finishes what it works on", finishes},
		{"a process that must stop says so, and the next one answers what was not begun", interrupts},
		{"what a process that was killed had taken in is answered by the next", func(s *stage) { s.killedBefore("", false) }},
		{"what a process that was killed had posted is not posted again", func(s *stage) { s.killedBefore(finish, false) }},
		{"what a process that was killed had begun to show is shown whole, and once", func(s *stage) { s.killedBefore(keep, true) }},
	}
}

func finishes(s *stage) {
	g := s.gated()
	g.shut("")
	m := s.Ask(Ann, inChannel, ferry)
	g.reached("")
	s.Await("the acknowledgement", func() bool { return s.Acked(m) })
	var stopping sync.WaitGroup
	stopping.Go(s.stop)
	g.open()
	stopping.Wait()
	s.says(s.single(m), struck)
	s.start()
	s.last(m)
	if n := len(s.Everything()); n != 2 {
		s.t.Errorf("%d replies, want two", n)
	}
}

func interrupts(s *stage) {
	s.setup.Capacity = bot.Capacity{Workers: 1, Waiting: 10}
	g := s.gated()
	g.shut("")
	begun := s.Ask(Ann, inChannel, ferry)
	g.reached("")
	waits, command := s.Ask(Ben, inChannel, ferry), s.Command(Ben, Claim, "An alarm sounded before the ferry hit the pier.")
	s.Await("both to be taken in", func() bool { return s.Acked(begun) && s.Acked(waits) && s.Acked(command) })
	s.hear("all three to be noted", func() bool { return s.book.count(accept) == 3 })
	now, cancel := context.WithCancel(context.Background())
	cancel()
	s.stopBy(now)
	s.says(s.single(begun), "restarted")
	if said := s.Everything(); len(said) != 1 {
		s.t.Errorf("the bot says more than that it was interrupted:\n%s", texts(said))
	}
	g.open()
	s.start()
	s.Await("the others to be answered", func() bool { return len(s.Everything()) == 3 && complete(s.Everything()) })
	s.last(begun)
	if n := len(s.Everything()); n != 4 || len(s.within(waits)) != 1 {
		s.t.Errorf("%d replies, want four:\n%s", n, texts(s.Everything()))
	}
	s.says(s.within(waits)[0], struck)
}

// killedBefore kills the process while it makes an entry, or works when that is "", and expects one reply from the next.
func (s *stage) killedBefore(w write, hasty bool) {
	s.setup.Hasty = hasty
	g := s.gated()
	m, c := Message{}, Message{}
	if w == "" {
		g.shut("")
		m = s.Ask(Ann, inChannel, ferry)
		g.reached("")
		c = s.Command(Ben, Ask, "And "+ferry)
		g.reached("And")
		s.Await("both to be acknowledged", func() bool { return s.Acked(m) && s.Acked(c) })
	} else {
		before := s.book.hold(w)
		m = s.Ask(Ann, inChannel, ferry)
		before.wait(s.bell)
	}
	said := len(s.Replies(m))
	s.crash()
	if w == "" {
		g.open()
		s.says(s.answered(c), struck)
	}
	s.hear("its end to be noted", func() bool { return s.book.count(finish) > 0 })
	if r := s.answered(m); !strings.Contains(r.Text, struck) || r.Place != m.Below() || r.Open {
		s.t.Errorf("after the death the reply is, in %+v of %+v,\n%s", r.Place, m, r.Text)
	}
	s.last(m)
	if in := s.within(m); len(in) != 2 {
		s.t.Errorf("%d replies in the thread, and %d before the death, want two:\n%s", len(in), said, texts(in))
	}
}
