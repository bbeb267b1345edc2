package bot

import (
	"errors"
)

// Refusal is an error that is for the person to read who wanted something done.
type Refusal string

// Error is what the person reads.
func (r Refusal) Error() string { return string(r) }

// Why a reply is not shared or shown, wherever it is.
const (
	ErrNotYours  Refusal = "Only who asked for a reply can share it."
	ErrShared    Refusal = "It is shared already."
	ErrGone      Refusal = "The articles that this stood on have been withdrawn or changed since. Ask again."
	ErrOutsiders Refusal = "This was made from other collections or languages than this channel may see, so I do not show it here. Ask again, or have somebody who may change the channel allow more with /crosscheck settings"
)

// Explain makes what a person is told when nothing came of what they did. What they cannot mend has an id for the operator.
func (r *Reception) Explain(doing string, err error) (Reply, Trace) {
	n := Notice{Kind: NoticeUsage}
	if refused := Refusal(""); errors.As(err, &refused) {
		n.Text = string(refused)
	} else if errors.Is(err, ErrNotKept) {
		n.Text = "I no longer know what I said there. Ask again."
	}
	if n.Text != "" {
		return r.Bot.Say(doing, n)
	}
	reply, t := r.Bot.Fail(doing, err)
	r.Log.Error("what somebody clicked could not be done", "doing", doing, "id", t.ID, "error", err)
	return reply, t
}
