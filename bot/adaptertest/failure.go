package adaptertest

import (
	"regexp"
	"strings"

	"crosscheck/bot"
	"crosscheck/retrieval"
)

// failurePromises are about what goes wrong in the model, in the engine, on the service, and with those who ask.
func failurePromises() []promise {
	return []promise{
		{"a failure is told with an id, and nothing of the error", tellsFailures},
		{"a model that panics leaves nobody without a reply", outlivesAPanic},
		{"a reply whose posting fails is shown all the same, and once", func(s *stage) { s.postsThrough(false) }},
		{"a reply that is shown as it is made survives the service's failures", func(s *stage) { s.postsThrough(true) }},
		{"no secret and no raw error is in a message, no secret in the log, whatever fails", keepsSecrets},
		{"who stops a question is told so, and the next one is answered", stops},
		{"a question that was taken back is not answered", letsGo},
		{"who asks too much is told so", limitsPeople},
		{"who asks a full desk is told so", limitsAll},
	}
}

// id is how the ids of failures look.
var id = regexp.MustCompile(`\b[a-z2-7]{10}\b`)

// failed expects a reply to be a failure's: with an id that the operator finds, and without what only the operator may see.
func (s *stage) failed(r Reply) {
	s.t.Helper()
	found := false
	for _, name := range id.FindAllString(r.Text, -1) {
		if _, traced := s.traced(name); traced || strings.Contains(s.Log(), name) {
			found = true
		}
	}
	if !found {
		s.t.Errorf("no id that is in a trace or in the log stands in\n%s", r.Text)
	}
	for _, secret := range []string{ErrDeaf.Error(), "/var/lib", "HTTP 503", raw, "panic", "/srv", "goroutine", "context canceled"} {
		if strings.Contains(r.Text, secret) {
			s.t.Errorf("the operator's %q is in\n%s", secret, r.Text)
		}
	}
}

func tellsFailures(s *stage) {
	deaf := Wrapped(s.t, s.articles, func(e retrieval.Engine) retrieval.Engine { return Deaf{e} })
	for _, b := range []*bot.Bot{
		Bot(Library(s.t, s.articles), Broken{}, Broken{}),
		Bot(Library(s.t, s.articles), nil, Broken{}),
		Bot(deaf, Draft(""), Draft("")),
	} {
		s.with(b).start()
		s.failed(s.answered(s.Ask(Ann, inChannel, ferry)))
		s.failed(s.answered(s.Ask(Ann, directly, ferry)))
		s.failed(s.answered(s.Command(Ben, Ask, ferry)))
		if b.Library == deaf {
			s.failed(s.answered(s.Command(Ben, Claim, "An alarm sounded before the ferry hit the pier.")))
		}
		s.stop()
	}
}

func outlivesAPanic(s *stage) {
	g := &gate{bell: s.bell, model: panicking{}}
	s.with(Bot(Library(s.t, s.articles), g, Broken{})).start()
	m := s.Ask(Ann, inChannel, ferry)
	s.failed(s.answered(m))
	s.failed(s.answered(s.Command(Ben, Ask, ferry)))
	s.hear("the ends of both to be noted", func() bool { return s.book.count(finish) == 2 })
	g.become(s.drafts["answer"])
	s.last(m)
}

// postsThrough has posting go wrong in every way. What was asked in the open is replied to exactly once. A private reply is
// nothing that can be looked up, so it is rather shown twice than never.
func (s *stage) postsThrough(hasty bool) {
	s.setup.Hasty = hasty
	s.gated()
	for _, times := range []int{1, 2} {
		for _, f := range []Fault{Failing, Lost, Unheard, Limited} {
			for _, where := range []Place{inChannel, directly} {
				s.Fail(f, times)
				m := s.Ask(Ann, where, ferry)
				s.answered(m)
				s.Fail(f, 0)
				s.last(m)
				said := s.Replies(m)
				for _, r := range said {
					s.says(r, struck)
				}
				if len(said) != 2 {
					s.t.Fatalf("%s, %d times, %+v: %d replies to two questions\n%s", f, times, where, len(said), texts(said))
				}
			}
			if hasty {
				continue
			}
			s.Fail(f, times)
			c := s.Command(Ben, Ask, ferry)
			s.Await("the reply to a command", func() bool { return complete(s.Replies(c)) })
			s.Fail(f, 0)
			s.answered(s.Ask(Ben, inChannel, ferry))
		}
	}
}

func keepsSecrets(s *stage) {
	g := s.gated()
	for _, f := range []Fault{Failing, Lost, Unheard, Limited} {
		for _, hasty := range []bool{false, true} {
			s.stop()
			s.setup.Hasty = hasty
			s.start()
			s.Fail(f, 1)
			m := s.Ask(Ann, inChannel, ferry)
			s.Await("the reply", func() bool { return complete(s.Replies(m)) })
			s.Fail(f, 1)
			c := s.Command(Ben, Ask, ferry)
			s.Await("the reply to a command", func() bool { return complete(s.Replies(c)) })
		}
	}
	s.Forge(Ann, ferry)
	s.Drop()
	s.book.fail(accept, 1)
	s.book.fail(finish, 1)
	s.book.fail(keep, 1)
	s.answered(s.Ask(Mal, inChannel, ferry))
	g.become(panicking{})
	s.answered(s.Ask(Mal, directly, ferry))
	s.crash()
	s.stop()
	s.discreet()
	for _, r := range s.Everything() {
		if strings.Contains(r.Text, raw) {
			s.t.Errorf("a raw error is shown: %s", r.Text)
		}
	}
}

func stops(s *stage) {
	g := s.gated()
	g.shut("hit")
	m := s.Ask(Ann, inChannel, ferry)
	g.reached("hit")
	if !s.Halt(Ann, m) {
		g.open()
		s.t.Skip("the platform has nothing that stops the work on a question")
	}
	g.hear("the question to be given up", func() bool { return g.given() == 1 })
	s.says(s.answered(m), "Stopped")
	g.open()
	s.last(m)
	in := s.within(m)
	s.says(in[len(in)-1], struck)
}

func letsGo(s *stage) {
	g := s.gated()
	g.shut("hit")
	root := s.Say(Ben, inChannel, "The ferry is late.")
	alone, within := s.Ask(Ann, inChannel, ferry), s.Ask(Ann, root.Below(), ferry)
	g.hear("the model to be asked twice", func() bool { return g.times("hit") == 2 })
	waits := s.Ask(Mal, root.Below(), ferry)
	s.Await("every delivery acknowledged", s.Settled)
	s.Delete(alone)
	s.Delete(within)
	s.Delete(root) // whose author asked nothing
	g.hear("both to be given up", func() bool { return g.given() == 2 })
	g.open()
	s.hear("the ends of all to be noted", func() bool { return s.book.count(finish) == 3 })
	s.says(s.answered(waits), struck)
	if said := s.Everything(); len(said) != 1 {
		s.t.Errorf("to questions that are gone the bot says\n%s", texts(said))
	}
	s.says(s.answered(s.Ask(Ben, inChannel, ferry)), struck)
}

func limitsPeople(s *stage) {
	s.setup.Capacity.PerPerson = 2
	s.gated()
	var asked []Message
	for range 2 {
		asked = append(asked, s.Ask(Ann, inChannel, ferry))
		s.answered(asked[len(asked)-1])
	}
	s.Ask(Ann, inChannel, ferry)
	s.Await("the third reply", func() bool { return len(s.Everything()) == 3 && complete(s.Everything()) })
	c := s.Command(Ann, Ask, ferry)
	s.Await("the fourth reply", func() bool { return len(s.Everything()) == 4 && complete(s.Replies(c)) })
	s.polite(2, "one person", Ann)
	s.says(s.answered(s.Ask(Ben, inChannel, ferry)), struck)
}

// polite expects so many of the replies to be notices that say when to try again, each to the asker alone.
func (s *stage) polite(n int, words string, to Person) {
	s.t.Helper()
	for _, r := range s.Everything() {
		if strings.Contains(r.Text, words) && strings.Contains(r.Text, "Ask again in") && (r.To == to || r.Direct) {
			n--
		}
	}
	if n != 0 {
		s.t.Errorf("%d notices are missing among\n%s", n, texts(s.Everything()))
	}
}

func limitsAll(s *stage) {
	s.setup.Capacity = bot.Capacity{Workers: 1, Waiting: 1}
	g := s.gated()
	g.shut("")
	first := s.Ask(Ann, inChannel, ferry)
	g.reached("")
	second := s.Ask(Ben, inChannel, ferry)
	s.Await("the second to be taken in", func() bool { return s.Acked(second) })
	s.Ask(Mal, inChannel, ferry)
	s.Await("the third to be refused", func() bool { return len(s.notices("Ask again in")) == 1 })
	s.polite(1, "other questions", Mal)
	g.open()
	s.says(s.answered(first), struck)
	s.says(s.answered(second), struck)
}

// notices are the replies with some words.
func (s *stage) notices(words string) (out []Reply) {
	for _, r := range s.Everything() {
		if strings.Contains(r.Text, words) {
			out = append(out, r)
		}
	}
	return out
}
