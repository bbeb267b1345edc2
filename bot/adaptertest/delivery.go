package adaptertest

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// deliveryPromises are about what the service tells the adapter, and how often, and in which order.
func deliveryPromises() []promise {
	return []promise{
		{"a forged delivery is refused and changes nothing", refusesForgeries},
		{"a delivery is acknowledged once it is noted, before it is worked on", acknowledges},
		{"what cannot be noted is not acknowledged and not lost", survivesAFullDisk},
		{"a message that is delivered again is answered once", answersOnce},
		{"a message that was answered before a restart is not answered again", remembers},
		{"messages that come out of order are answered once each", sortsOut},
		{"questions of a thread are answered in order, those of others meanwhile", keepsOrder},
		{"nothing is lost or doubled when connections break under load", survivesDisconnects},
	}
}

func refusesForgeries(s *stage) {
	g := s.gated()
	forged := s.Forge(Ann, ferry)
	if len(forged) == 0 {
		s.t.Skip("the service does not call the adapter, so nobody can in its name")
	}
	for _, f := range forged {
		if !f.Refused {
			s.t.Errorf("%s: taken in", f.Name)
		}
	}
	s.answered(s.Ask(Ann, inChannel, ferry))
	if asked, noted, said := len(g.prompts()), s.book.count(accept), s.Everything(); asked != 1 || noted != 1 || len(said) != 1 {
		s.t.Errorf("the model was asked %d times, %d events were noted, and the bot said\n%s\nwant one of each, for the genuine question", asked, noted, texts(said))
	}
}

func acknowledges(s *stage) {
	g := s.gated()
	g.shut("")
	noting := s.book.hold(accept)
	m := s.Ask(Ann, inChannel, ferry)
	noting.wait(s.bell)
	other := s.Say(Ben, inChannel, "The ferry is late.")
	s.Await("the acknowledgement of what needs no note", func() bool { return s.Acked(other) })
	if s.Acked(m) && s.book.count(accept) == 0 || len(g.prompts()) > 0 {
		s.t.Error("it is acknowledged or worked on before it is noted")
	}
	noting.release()
	s.Await("the acknowledgement while the model sleeps", func() bool { return s.Acked(m) })
	g.reached("")
	if slices.ContainsFunc(s.Replies(m), func(r Reply) bool { return !r.Open }) {
		s.t.Error("there is a reply before there is an answer")
	}
	g.open()
	s.says(s.answered(m), struck)
}

func survivesAFullDisk(s *stage) {
	s.gated()
	s.book.fail(accept, 1)
	m := s.Ask(Ann, inChannel, ferry)
	s.says(s.answered(m), struck)
	s.last(m)
	if n := len(s.Everything()); n != 2 {
		s.t.Errorf("%d replies, want two", n)
	}
}

func answersOnce(s *stage) {
	g := s.gated()
	g.shut("hit")
	m := s.Ask(Ann, inChannel, ferry)
	var others sync.WaitGroup
	for range 3 { // at once, with the first still on its way
		others.Go(func() { s.Redeliver(m) })
	}
	others.Wait()
	g.reached("hit")
	s.Redeliver(m)
	s.Await("every delivery acknowledged", s.Settled)
	g.open()
	s.answered(m)
	s.Redeliver(m)
	s.last(m)
	if n := len(s.Everything()); n != 2 || len(g.prompts()) != 2 {
		s.t.Errorf("%d replies and %d calls of the model, want two of each", n, len(g.prompts()))
	}
}

func remembers(s *stage) {
	g := s.gated()
	m := s.Ask(Ann, inChannel, ferry)
	c := s.Command(Ben, Ask, ferry)
	s.answered(m)
	s.answered(c)
	s.restart()
	s.Redeliver(m)
	s.last(m)
	if n := len(s.Everything()); n != 3 || len(g.prompts()) != 3 {
		s.t.Errorf("%d replies and %d calls of the model, want three of each", n, len(g.prompts()))
	}
}

func sortsOut(s *stage) {
	g := s.gated()
	s.Hold()
	first, second := s.Ask(Ann, inChannel, ferry), s.Ask(Ben, inChannel, ferry)
	below := s.Ask(Ben, first.Below(), "When exactly did the ferry hit the pier?")
	s.Release(below, second, below, first, second)
	s.answered(second)
	s.Await("two replies in the thread", func() bool {
		in := s.within(first)
		return len(in) >= 2 && complete(in)
	})
	s.last(first)
	if n := len(s.Everything()); n != 4 || len(g.prompts()) != 4 {
		s.t.Errorf("%d replies and %d calls of the model, want four of each\n%s", n, len(g.prompts()), texts(s.Everything()))
	}
}

// within are the replies in the thread of a message.
func (s *stage) within(m Message) []Reply {
	return slices.DeleteFunc(s.Everything(), func(r Reply) bool { return r.Place != m.Below() })
}

func keepsOrder(s *stage) {
	g := s.gated()
	g.become(numbered{s.drafts})
	g.shut("struck")
	slow := s.Ask(Ann, inChannel, "When was the pier struck by the ferry?")
	g.reached("struck")
	s.Ask(Ann, slow.Below(), "How many people were on the ferry?")
	s.Await("every delivery acknowledged", s.Settled)
	other := s.Ask(Ben, inChannel, ferry)
	s.answered(other)
	if n := g.times("How many"); n > 0 || len(s.within(slow)) > 0 && complete(s.within(slow)) {
		s.t.Error("a question is worked on before the one above it is answered")
	}
	g.open()
	s.Await("both replies", func() bool { return len(s.within(slow)) == 2 && complete(s.within(slow)) })
	in := s.within(slow)
	s.says(in[0], struck)
	s.says(in[1], "218")
}

func survivesDisconnects(s *stage) {
	g := s.gated()
	const questions = 60
	var all []Message
	for i := range questions {
		m := s.Ask([]Person{Ann, Ben}[i%2], inChannel, fmt.Sprintf("When did the ferry hit the pier? (%d)", i))
		all = append(all, m)
		switch {
		case i%20 == 7:
			s.Redeliver(m)
		case i%20 == 10:
			s.Drop()
		case i%20 == 15:
			s.Disconnect()
		}
	}
	replies := map[Place]int{}
	s.Await("every question to be answered", func() bool {
		clear(replies)
		for _, r := range s.Everything() {
			if !r.Open {
				replies[r.Place]++
			}
		}
		return len(replies) >= questions
	})
	s.last(all[0])
	s.last(all[1])
	said := s.Everything()
	if n := len(said); n != questions+2 || len(g.prompts()) != questions+2 {
		s.t.Errorf("%d replies and %d calls of the model, want %d of each", n, len(g.prompts()), questions+2)
	}
	if odd := slices.IndexFunc(said, func(r Reply) bool { return !strings.Contains(r.Text, struck) }); odd >= 0 {
		s.t.Errorf("an unexpected reply: %s", said[odd].Text)
	}
}
