package fake_test

import (
	"testing"
	"time"

	"github.com/bwmarrin/discordgo"

	"crosscheck/bot/discord/fake"
)

func TestThreadFromMessage(t *testing.T) {
	t.Parallel()
	clock := fake.NewClock(noon)
	s := start(t, fake.Options{Clock: clock})
	l := listen(t, s, allIntents)
	asked := s.Post(ann, general, "who pays?")
	thread, err := l.MessageThreadStart(general, asked, "who pays?", 60)
	if err != nil || thread.ID != asked || thread.ParentID != general || thread.OwnerID != botUser {
		t.Fatalf("the thread is %+v, %v", thread, err)
	}
	if c := l.next(t, "THREAD_CREATE").Struct.(*discordgo.ThreadCreate); !c.NewlyCreated || c.ID != asked {
		t.Errorf("the new thread is %+v", c)
	}
	if m := l.next(t, "MESSAGE_UPDATE").Struct.(*discordgo.MessageUpdate); m.Thread == nil || m.Flags&fake.FlagHasThread == 0 {
		t.Errorf("the message is %+v", m)
	}
	if m := l.message(t); m.Type != discordgo.MessageTypeThreadStarterMessage || m.ReferencedMessage != nil && m.ChannelID != thread.ID {
		t.Errorf("the thread begins with %+v", m)
	}
	if _, err := l.MessageThreadStart(general, asked, "again", 60); errCode(t, err) != 160004 {
		t.Errorf("the second thread: %v", err)
	}
	own, err := l.ChannelMessageSend(thread.ID, "nobody")
	if err != nil {
		t.Fatal(err)
	}
	s.Post(ben, thread.ID, "really?")
	if got := s.Members(thread.ID); len(got) != 2 || got[1] != ben {
		t.Errorf("in the thread are %v", got)
	}
	clock.Advance(time.Hour)
	if got := s.Threads(general); len(got) != 1 || !got[0].Archived {
		t.Errorf("the threads are %+v", got)
	}
	if _, err := l.ChannelMessageEdit(thread.ID, own.ID, "x"); errCode(t, err) != 50083 {
		t.Errorf("an edit in the archive: %v", err)
	}
	if err := l.MessageReactionAdd(thread.ID, own.ID, "👍"); errCode(t, err) != 50083 {
		t.Errorf("a reaction in the archive: %v", err)
	}
	if _, err := l.ChannelMessageSend(thread.ID, "still there?"); err != nil {
		t.Error(err)
	}
	if got := s.Threads(general); got[0].Archived {
		t.Error("a message leaves the thread in the archive")
	}
	s.Archive(thread.ID, true)
	if _, err := l.ChannelMessageSend(thread.ID, "x"); errCode(t, err) != 160005 {
		t.Errorf("a message to a locked thread: %v", err)
	}
}

func TestThreadsByPeople(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	l := listen(t, s, allIntents)
	thread := s.StartThread(ann, general, "", "aside")
	if c := l.next(t, "THREAD_CREATE").Struct.(*discordgo.ThreadCreate); c.ID != thread || c.OwnerID != ann {
		t.Errorf("the thread is %+v", c)
	}
	if m := l.message(t); m.Type != discordgo.MessageTypeThreadCreated || m.ChannelID != general {
		t.Errorf("the notice is %+v", m)
	}
	if err := l.ThreadJoin(thread); err != nil {
		t.Error(err)
	}
	if c := l.next(t, "THREAD_CREATE").Struct.(*discordgo.ThreadCreate); c.ID != thread || c.NewlyCreated {
		t.Errorf("the thread that the bot joins is %+v", c)
	}
	if active, err := l.GuildThreadsActive(guild); err != nil || len(active.Threads) != 1 || len(active.Members) != 1 {
		t.Errorf("the threads are %+v, %v", active, err)
	}
	s.AddChannel(fake.Channel{ID: "1100000000000000061", Name: "private", Kind: fake.PrivateThread, Parent: general, Owner: ann, Members: []string{ann}})
	if _, err := l.Channel("1100000000000000061"); errCode(t, err) != 50001 {
		t.Errorf("a private thread is seen: %v", err)
	}
	s.Invite("1100000000000000061", botUser)
	if c := l.next(t, "THREAD_CREATE").Struct.(*discordgo.ThreadCreate); c.ID != "1100000000000000061" || c.NewlyCreated {
		t.Errorf("the private thread is %+v", c)
	}
	if err := l.ThreadMemberAdd(thread, ben); err != nil {
		t.Error(err)
	}
	if members, err := l.ThreadMembers(thread, 10, false, ""); err != nil || len(members) != 3 {
		t.Errorf("the members are %v, %v", members, err)
	}
	if err := l.ThreadLeave(thread); err != nil {
		t.Error(err)
	}
	s.Archive(thread, false)
	if archived, err := l.ThreadsArchived(general, nil, 10); err != nil || len(archived.Threads) != 1 {
		t.Errorf("the archive is %+v, %v", archived, err)
	}
	open := false
	if c, err := l.ChannelEditComplex(thread, &discordgo.ChannelEdit{Archived: &open}); err != nil || c.ThreadMetadata.Archived {
		t.Errorf("out of the archive comes %+v, %v", c, err)
	}
	if c, err := l.ThreadStart(general, "mine", discordgo.ChannelTypeGuildPrivateThread, 60); err != nil || c.Type != discordgo.ChannelTypeGuildPrivateThread {
		t.Errorf("the bot's thread is %+v, %v", c, err)
	}
	s.DeleteChannel(thread)
	if c := l.next(t, "THREAD_DELETE").Struct.(*discordgo.ThreadDelete); c.ID != thread {
		t.Errorf("the deleted thread is %+v", c)
	}
}

func TestForum(t *testing.T) {
	t.Parallel()
	s := start(t, fake.Options{})
	l := listen(t, s, allIntents)
	post := s.PostInForum(ann, forum, "Who pays?", "I would like to know. <@"+botUser+">")
	if c := l.next(t, "THREAD_CREATE").Struct.(*discordgo.ThreadCreate); c.ID != post || c.ParentID != forum || c.Name != "Who pays?" {
		t.Errorf("the post is %+v", c)
	}
	if m := l.message(t); m.ID != post || m.ChannelID != post || len(m.Mentions) != 1 {
		t.Errorf("its message is %+v", m)
	}
	if _, err := l.ChannelMessageSendReply(post, "Nobody.", &discordgo.MessageReference{MessageID: post}); err != nil {
		t.Error(err)
	}
	if _, err := l.MessageThreadStart(forum, post, "x", 60); errCode(t, err) != 10008 {
		t.Errorf("a thread at a post: %v", err)
	}
	mine, err := l.ForumThreadStartComplex(forum, &discordgo.ThreadStart{Name: "Digest", AppliedTags: []string{tag}}, &discordgo.MessageSend{Content: "news"})
	if err != nil || mine.ParentID != forum || len(mine.AppliedTags) != 1 {
		t.Fatalf("the bot's post is %+v, %v", mine, err)
	}
	if m, ok := s.Message(mine.ID, mine.ID); !ok || m.Text != "news" {
		t.Errorf("its message is %+v", m)
	}
	s.AddChannel(fake.Channel{ID: "1100000000000000062", Kind: fake.ForumChannel, RequireTag: true})
	if _, err := l.ForumThreadStart("1100000000000000062", "x", 60, "x"); errCode(t, err) != 40067 {
		t.Errorf("a post without a tag: %v", err)
	}
}
