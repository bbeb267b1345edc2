package discord

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/bot/adaptertest"
	"crosscheck/bot/discord/contract"
	"crosscheck/bot/discord/fake"
)

// TestInvitation answers in a thread, in a channel without threads, in a forum, in a thread that is there, and at a length that
// only embeds hold, and expects that to need the permissions that an invitation asks for, no more and no fewer.
func TestInvitation(t *testing.T) {
	r := newRig(t, ferryBot(t, ferryDraft), rigged{config: Config{MessageContent: true}})
	asked := r.mention(ann, general, question)
	r.reply(asked)
	r.mention(ben, asked, "And how many were injured?")
	r.Await(t, "the second answer", func() bool { return len(r.replies(asked)) == 2 })
	r.reply(r.PostInForum(ann, forum, "The ferry", "<@"+botUser+"> "+question))
	r.Allow(general, fake.Overwrite{ID: botUser, Member: true, Deny: fake.PermCreatePublicThreads})
	r.Allow(general, fake.Overwrite{ID: homeGuild, Deny: fake.PermCreatePublicThreads})
	r.mention(ann, general, question)
	r.reply(general)
	uses := r.contract.Uses()

	long := newRig(t, longBot(t), rigged{})
	answer := long.reply(long.mention(ann, general, "What does the inquiry say of the harbour?"))
	if len(answer.Embeds) == 0 {
		t.Errorf("the long answer has no embeds:\n%s", answer.Shown())
	}
	used := func() string { return strings.Join(long.contract.Uses(), "\n") }
	for try := 0; !strings.Contains(used(), "embeds") && try < 10_000_000; try++ { // it is noted once the fake has answered, which it does after the message is there
		runtime.Gosched()
	}
	contract.PermissionsExactly(t, Permissions, append(uses, long.contract.Uses()...))

	address, err := r.app.Invitation(t.Context())
	if err != nil || !strings.Contains(address, fmt.Sprint("permissions=", Permissions)) || !strings.Contains(address, "scope=bot+applications.commands") {
		t.Errorf("the invitation is %q, %v", address, err)
	}
}

// longBot answers with so long addresses that components do not hold them.
func longBot(t *testing.T) *bot.Bot {
	var articles, draft strings.Builder
	for i, part := range []string{"quay", "crane", "tower", "gate", "basin"} {
		var names []string // of its own, since articles that say the same are copies of one
		for k := range 24 {
			names = append(names, fmt.Sprintf("%s%c%c", part, 'a'+k, 'z'-i))
		}
		said := fmt.Sprintf("The inquiry into the harbour says that the %s was repaired by %s.", part, strings.Join(names, ", "))
		fmt.Fprintf(&articles, "-- a%d.article --\ntitle: The %s\nurl: https://straitwire.example/%s\noutlet: Straitwire\npublished: 2026-03-04\n\n%s\n", i, part, strings.Repeat("x", 450), said)
		fmt.Fprintf(&draft, "%s\n  [a%d] %s\n", said, i, said)
	}
	b := adaptertest.Bot(adaptertest.Library(t, txtar.Parse([]byte(articles.String()))), adaptertest.Draft(draft.String()), adaptertest.Draft(""))
	b.Now = time.Now
	return b
}
