package adaptertest

import (
	"context"
	"encoding/hex"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"crosscheck/bot"
	"crosscheck/prompts"
	"crosscheck/prompts/llm"
	"crosscheck/retrieval"
	"crosscheck/retrieval/news"
	"crosscheck/retrieval/stance"
)

// Injection is an attempt to have the bot say something by way of what others write: an article, a question, what was said
// before it, or a name. Its language model obeys.
type Injection struct {
	Name      string
	Question  bot.Question
	Forbidden []string // what the model is made to say and nobody may be shown
	Borne     []string // what it is made to say and verification cannot tell from a true statement

	articles *txtar.Archive
	draft    string // what the model says, as a Draft
	reply    string // or all that it writes
}

// Injections returns the attempts in a file, on top of the honest articles of another. An archive's file is a part of an
// attempt when it is named after it: “NAME: question”, “: history” with lines such as “Ann says: …” and “Ann asks: …”,
// “: outlet” to which the question is limited, “: ID.article”, “: forbidden” and
// “: borne” line by line, and “: draft” or “: reply”.
//
// A draft is written as Draft is. A reply is what the model writes, in which @straitwire stands for the number of that
// article's first source and ⟨c0 af⟩ for these bytes.
func Injections(t testing.TB, path, honest string) []Injection {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	base, err := txtar.ParseFile(honest)
	if err != nil {
		t.Fatal(err)
	}
	var all []Injection
	for _, f := range archive.Files {
		name, part, ok := strings.Cut(f.Name, ": ")
		if !ok {
			t.Fatalf("%s: %q is no part of an attempt", path, f.Name)
		}
		if len(all) == 0 || all[len(all)-1].Name != name {
			articles := &txtar.Archive{Files: slices.Clone(base.Files)}
			all = append(all, Injection{Name: name, Question: bot.Question{Text: "What happened to the ferry?"}, articles: articles})
		}
		all[len(all)-1].part(t, part, string(f.Data))
	}
	return all
}

func (i *Injection) part(t testing.TB, part, data string) {
	t.Helper()
	line := Unescape(strings.TrimSuffix(data, "\n"))
	switch part {
	case "question":
		i.Question.Text = line
	case "outlet":
		i.Question.Filter = news.Filter{Outlets: []string{line}}
	case "history":
		for said := range strings.Lines(data) {
			said = Unescape(strings.TrimSuffix(said, "\n"))
			author, words, asked := strings.Cut(said, " asks: ")
			if !asked {
				author, words, _ = strings.Cut(said, " says: ")
			}
			i.Question.History = append(i.Question.History, prompts.Turn{Author: author, Text: words, Asked: asked})
		}
	case "forbidden":
		i.Forbidden = strings.Split(line, "\n")
	case "borne":
		i.Borne = strings.Split(line, "\n")
	case "draft":
		i.draft = data
	case "reply":
		i.reply = data
	case "outcome":
	default:
		if !strings.HasSuffix(part, ".article") {
			t.Fatalf("%s: unknown part %q", i.Name, part)
		}
		i.articles.Files = append(i.articles.Files, txtar.File{Name: part, Data: []byte(data)})
	}
}

// Injected is what an attempt has led to.
type Injected struct {
	Injection
	Reply   bot.Reply
	Trace   bot.Trace
	Library *retrieval.Library
	Said    []string               // what the model has written, each time that it was asked
	Asked   []prompts.AnswerPrompt // what it was asked
}

// Run makes the attempt. Where the model's reply cannot be used, the articles' own sentences are the answer.
func (i Injection) Run(t testing.TB) Injected {
	t.Helper()
	out := Injected{Injection: i, Library: Library(t, i.articles)}
	extractive := &llm.Extractive{Rarity: out.Library.Rarity, Embed: out.Library.Embed, Judge: &stance.Judge{}}
	b := Bot(out.Library, obedient{&out}, extractive)
	out.Reply, out.Trace = b.Ask(t.Context(), i.Question)
	return out
}

// obedient is a model that writes what it was made to write.
type obedient struct{ *Injected }

// Complete replies.
func (o obedient) Complete(ctx context.Context, p prompts.AnswerPrompt) (said string, err error) {
	if o.reply == "" {
		said, err = Draft(o.draft).Complete(ctx, p)
	} else {
		said, err = o.written(p.Sources)
	}
	o.Asked, o.Said = append(o.Asked, p), append(o.Said, said)
	return said, err
}

var (
	sourceOf = regexp.MustCompile(`"source": @(\w+)`)
	rawBytes = regexp.MustCompile(`⟨([0-9a-f ]+)⟩`)
)

// Writes is what the model writes, if the articles are the honest ones only.
func (i Injection) Writes() string {
	var sources []prompts.Source
	for n, id := range []string{"straitwire", "courier", "observer", "evil"} {
		sources = append(sources, prompts.Source{N: n + 1, Passage: news.Passage{Article: id}})
	}
	said, _ := obedient{&Injected{Injection: i}}.Complete(context.Background(), prompts.AnswerPrompt{Sources: sources})
	return said
}

// written is the reply with the numbers and bytes that it names.
func (o obedient) written(sources []prompts.Source) (said string, err error) {
	said = sourceOf.ReplaceAllStringFunc(o.reply, func(s string) string {
		n, wrong := sourceNumber(sources, sourceOf.FindStringSubmatch(s)[1], "")
		if wrong != nil {
			err = wrong
		}
		return `"source": ` + strconv.Itoa(n)
	})
	said = rawBytes.ReplaceAllStringFunc(said, func(s string) string {
		raw, wrong := hex.DecodeString(strings.ReplaceAll(rawBytes.FindStringSubmatch(s)[1], " ", ""))
		if wrong != nil {
			err = wrong
		}
		return string(raw)
	})
	return said, err
}

// InjectionFiles are the files with attempts in a folder, and the one with the honest articles.
func InjectionFiles(t testing.TB, dir string) (attempts []string, honest string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil || len(all) == 0 {
		t.Fatalf("no attempts in %s: %v", dir, err)
	}
	for _, path := range all {
		if filepath.Base(path) == "honest.txtar" {
			honest = path
		} else {
			attempts = append(attempts, path)
		}
	}
	return attempts, honest
}

// Inject makes every attempt in a folder and has what came of it shown. Nothing that is forbidden may be in what show returns.
func Inject(t *testing.T, dir string, show func(t *testing.T, in Injected) string) {
	files, honest := InjectionFiles(t, dir)
	for _, path := range files {
		for _, i := range Injections(t, path, honest) {
			t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar")+"/"+i.Name, func(t *testing.T) {
				shown := show(t, i.Run(t))
				for _, f := range i.Forbidden {
					if strings.Contains(shown, f) {
						t.Errorf("shows %q in\n%s", f, shown)
					}
				}
			})
		}
	}
}
