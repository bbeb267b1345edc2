package adaptertest

import (
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
)

// FerryArticles are a library of articles about one ferry, and FerryDraft what a model says of them.
const FerryArticles = `
-- straitwire.article --
url: https://straitwire.example/ferry
title: Ferry strikes pier at Veskar
outlet: Straitwire
published: 2026-03-04

The passenger ferry Elsin Tern struck the stone pier at Veskar harbour at 19:20 on Tuesday. The collision injured 42 people, a count by harbour police at midnight showed. No alarm sounded before the ferry Elsin Tern hit the pier at Veskar.
-- ledger.article --
url: https://ledger.example/alarm
title: Alarm sounded, says operator
outlet: Orrin Ledger
published: 2026-03-05

An alarm sounded 40 seconds before the ferry Elsin Tern hit the pier at Veskar. The operator has run the line for thirty years.
`

// FerryDraft is an answer from FerryArticles.
const FerryDraft Draft = `The ferry struck the stone pier at Veskar harbour at 19:20.
  [straitwire] struck the stone pier at Veskar harbour at 19:20
The collision injured 42 people.
  [straitwire] The collision injured 42 people
`

// FerryBot returns a bot that knows these articles, by the clock of this machine. It answers with FerryDraft where the model
// does not.
func FerryBot(t testing.TB, model bot.Extractor) *bot.Bot {
	t.Helper()
	b := Bot(Library(t, txtar.Parse([]byte(FerryArticles))), model, FerryDraft)
	b.Now = time.Now
	return b
}
