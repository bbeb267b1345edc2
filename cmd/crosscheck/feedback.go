package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"crosscheck/bot"
	"crosscheck/bot/ledger"
)

type feedbackCommand struct {
	Since string `help:"Only what was said on or after this day." placeholder:"2006-01-02"`
	JSON  bool   `help:"Print the machine-readable form."`
}

// feedbackJSON is what a reader thought of a reply, in the machine-readable form.
type feedbackJSON struct {
	Reply   string    `json:"reply"`
	Request string    `json:"request"`
	Good    bool      `json:"good"`
	Reasons []string  `json:"reasons"`
	Comment string    `json:"comment"`
	Channel string    `json:"channel"`
	Reader  string    `json:"reader"`
	Given   time.Time `json:"given"`
}

// Run prints what readers in chat thought of the replies.
func (c feedbackCommand) Run(env *environment, ctx *context.Context) error {
	since, err := day("since", c.Since)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(env.Data, ledger.FileName)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no ledger in %s; serve makes one once a chat service is set up", env.Data)
	}
	l, err := ledger.Open(*ctx, env.Data, ledger.Options{})
	if err != nil {
		return err
	}
	defer l.Close()
	given, err := l.Judgements(*ctx, since)
	if err != nil {
		return err
	}
	out := make([]feedbackJSON, len(given))
	for i, f := range given {
		k, err := l.Kept(*ctx, f.Reply)
		if err != nil && !errors.Is(err, bot.ErrNotKept) {
			return err
		}
		out[i] = feedbackJSON{f.Reply, k.Request(), f.Good, append([]string{}, f.Reasons...), f.Comment, f.Channel, f.Reader, f.Given}
	}
	if c.JSON {
		return env.writeJSON(out)
	}
	for _, f := range out {
		fmt.Fprintln(env.out, f)
	}
	if len(out) == 0 {
		fmt.Fprintln(env.out, "Nobody has said anything yet.")
	}
	return nil
}

// String is a line for a person.
func (f feedbackJSON) String() string {
	verdict := "good"
	if !f.Good {
		verdict = "bad"
		var reasons []string
		for _, r := range bot.Reasons {
			for _, name := range f.Reasons {
				if name == r.Name {
					reasons = append(reasons, r.Text)
				}
			}
		}
		if len(reasons) > 0 {
			verdict += " (" + strings.Join(reasons, "; ") + ")"
		}
	}
	line := fmt.Sprintf("%s  %s: %s", f.Given.UTC().Format("2006-01-02 15:04"), verdict, bot.Plain(f.Request))
	if f.Comment != "" {
		line += "\n                  “" + bot.Plain(f.Comment) + "”"
	}
	return line
}
