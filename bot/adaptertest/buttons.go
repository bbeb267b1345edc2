package adaptertest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"crosscheck/bot"
)

// buttonPromises are about what can be pressed.
func buttonPromises() []promise {
	return []promise{
		{"evidence shows every source in its passage, before and after a restart", showsEvidence},
		{"the asker shares a private reply with the channel, once", shares},
		{"what readers think of a reply is kept, before and after a restart", keepsFeedback},
	}
}

// showsEvidence presses the button of an answer and of a finding.
func showsEvidence(s *stage) {
	s.with(Bot(Library(s.t, s.articles), s.drafts["disagreement"], Broken{})).start()
	ctx := s.t.Context()
	question, claim := "Did an alarm sound before the ferry hit the pier?", "An alarm sounded before the ferry hit the pier."
	answer, _ := s.setup.Bot.Ask(ctx, bot.Question{Text: question})
	finding, _ := s.setup.Bot.Claim(ctx, bot.Question{Text: claim})
	first := s.answered(s.Ask(Ann, inChannel, question))
	second := s.answered(s.Command(Ben, Claim, claim))
	for range 2 {
		s.evidence(Ann, first, expect(answer))
		s.evidence(Mal, first, expect(answer)) // whoever sees the reply may look behind it
		s.evidence(Ben, second, expect(finding))
		s.restart()
	}
}

// evidence presses the button, and expects a dialog for who pressed it with the sources of the reply and no other link.
func (s *stage) evidence(who Person, r Reply, want expected) {
	s.t.Helper()
	before := s.Dialogs(who)
	s.press(who, r, Evidence)
	fresh := func(d Reply) bool {
		return !slices.ContainsFunc(before, func(b Reply) bool { return b.ID == d.ID })
	}
	s.Await("the evidence for "+string(who), func() bool { return slices.ContainsFunc(s.Dialogs(who), fresh) })
	all := s.Dialogs(who)
	shown := all[slices.IndexFunc(all, fresh)]
	for _, p := range harm(shown) {
		s.t.Errorf("the evidence %s:\n%s", p, shown.Text)
	}
	for _, l := range shown.Links {
		if !want.leads(l.Target) {
			s.t.Errorf("the evidence leads to %s, no source of the reply", l.Target)
		}
	}
	if strings.TrimSpace(shown.Text) == "" {
		s.t.Error("the evidence is empty")
	}
	for n, address := range want.sources {
		linked := func(l Link) bool { return same(l.Target, address) }
		if address != "" && len(address) < longAddress && !slices.ContainsFunc(shown.Links, linked) && !strings.Contains(shown.Text, "more") {
			s.t.Errorf("source %d is neither in the evidence nor said to be left out:\n%s", n, shown.Text)
		}
	}
}

// leads reports whether an address is that of a source.
func (e expected) leads(address string) bool {
	for _, a := range e.sources {
		if a != "" && same(address, a) {
			return true
		}
	}
	return false
}

// press presses a button that a reply must have.
func (s *stage) press(who Person, r Reply, b Button) {
	s.t.Helper()
	if !slices.Contains(r.Buttons, b) {
		s.t.Fatalf("there is no button %q, only %q, below\n%s", b, r.Buttons, r.Text)
	}
	s.Press(who, r, b)
}

func shares(s *stage) {
	s.gated()
	open := s.answered(s.Ask(Ann, inChannel, ferry))
	if slices.Contains(open.Buttons, Share) {
		s.t.Error("a reply that everybody sees can be shared")
	}
	for i, who := range []Person{Ann, Mal} {
		private := s.answered(s.Command(who, Ask, ferry))
		if private.To != who {
			s.t.Errorf("the reply to a command of %s is seen by %q", who, private.To)
		}
		if i == 1 {
			s.restart()
		}
		public := func() []Reply {
			return slices.DeleteFunc(s.Everything(), func(r Reply) bool { return r.To != "" || r.Direct || r.Place == open.Place })
		}
		s.press(who, private, Share)
		s.press(who, private, Share) // a second time, before the first is done
		s.Await("the shared reply", func() bool { return len(public()) == i+1 })
		s.Await("every press acknowledged", s.Settled)
		s.Await("the private reply to be gone or to have no button", func() bool {
			return !slices.ContainsFunc(s.Everything(), func(r Reply) bool { return r.To == who && slices.Contains(r.Buttons, Share) })
		})
		s.stop()
		if n := len(public()); n != i+1 {
			s.t.Errorf("%d shared replies, want %d", n, i+1)
		}
		s.start()
		shared := public()[i]
		s.says(shared, struck)
		s.harmless([]Reply{shared})
		if who == Ann && !strings.Contains(strings.ToLower(shared.Text), "by ann") {
			s.t.Errorf("it is not said who shared\n%s", shared.Text)
		}
	}
}

func keepsFeedback(s *stage) {
	s.gated()
	in := s.answered(s.Ask(Ann, inChannel, ferry))
	private := s.answered(s.Command(Ben, Ask, ferry))
	s.press(Ben, in, Good)
	s.judged("Ben's word", func(all []bot.Feedback) bool { return len(all) == 1 && all[0].Good })
	s.restart()
	s.press(Ann, in, Good)
	s.press(Ben, private, Bad)
	s.judged("Ann's and Ben's words", func(all []bot.Feedback) bool { return len(all) == 3 && !all[2].Good || len(all) == 3 && !all[1].Good })
	s.Await("the form", func() bool { return len(s.Dialogs(Ben)) == 1 })
	s.Complain(Ben, "outdated", "It is *old*. "+s.Shouts()[0])
	complained := func(all []bot.Feedback) bool {
		return len(all) == 3 && slices.ContainsFunc(all, func(f bot.Feedback) bool {
			return slices.Equal(f.Reasons, []string{"outdated"}) && strings.Contains(f.Comment, "old") && !f.Good
		})
	}
	s.judged("Ben's reasons", complained)
	for _, f := range s.judgements() {
		k, err := s.book.Kept(s.t.Context(), f.Reply)
		if err != nil || k.Channel != f.Channel {
			s.t.Errorf("%+v is about %+v (%v), and another channel", f, k, err)
		}
	}
}

func (s *stage) judgements() []bot.Feedback {
	all, err := s.book.Judgements(context.Background(), time.Time{})
	if err != nil {
		s.t.Error(err)
	}
	return all
}

// judged waits until what readers thought is as it should be.
func (s *stage) judged(what string, holds func([]bot.Feedback) bool) {
	s.t.Helper()
	s.hear(fmt.Sprintf("%s to be noted, among %+v", what, s.judgements()), func() bool { return holds(s.judgements()) })
}
