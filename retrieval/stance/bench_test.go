package stance

import "testing"

func BenchmarkStance(b *testing.B) {
	j := &Judge{}
	c := j.Read(Sentence{Text: "The Alaska summit had concrete results."})
	r := j.Read(Sentence{
		Text:   "However, it brought no concrete outcomes, no ceasefire, binding commitments, or even a plan to address the territorial gains.",
		Before: "The summit was marked by superficial pleasantries and an image of cooperation.",
	})
	b.ReportAllocs()
	for b.Loop() {
		j.Stance(c, r)
	}
}

func BenchmarkConflict(b *testing.B) {
	j := &Judge{}
	x := j.Read(Sentence{Text: "The collision of the Elsin Tern injured 42 people, a count by harbour police at midnight showed."})
	y := j.Read(Sentence{Text: "By Thursday evening the number of people injured in the Elsin Tern collision had risen to 63."})
	b.ReportAllocs()
	for b.Loop() {
		j.Conflict(x, y)
	}
}

func BenchmarkRead(b *testing.B) {
	j := &Judge{}
	s := Sentence{
		Text:   "Sundline Ferries, which runs the service, said the Elsin Tern had lost engine control in the last two minutes of the approach.",
		Before: "It came in at about twice its usual speed, according to two dock workers who were waiting to take its lines.",
		After:  "“Our captain tried to go astern and the engines did not answer,” said Jutta Ferrow, a spokeswoman.",
	}
	b.ReportAllocs()
	for b.Loop() {
		j.Read(s)
	}
}
