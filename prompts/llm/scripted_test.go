package llm

import (
	"errors"
	"testing"
)

func TestScripted(t *testing.T) {
	broken := errors.New("broken")
	m := NewScripted(Reply{Text: "one"}, Reply{Err: broken})
	if reply, err := m.Complete(t.Context(), ferryPrompt()); reply != "one" || err != nil {
		t.Errorf("the first reply: %q, %v", reply, err)
	}
	if _, err := m.Complete(t.Context(), ferryPrompt()); !errors.Is(err, broken) {
		t.Errorf("the second reply: %v", err)
	}
	if _, err := m.Complete(t.Context(), ferryPrompt()); err == nil {
		t.Error("it has more to say than it was given")
	}
	if asked := m.Asked(); len(asked) != 3 || asked[0].Question != ferryPrompt().Question {
		t.Errorf("asked %+v", asked)
	}
}
