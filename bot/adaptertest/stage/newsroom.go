package stage

import "time"

// Newsroom is the team in whose midst a person tries the app.
type Newsroom struct {
	Name   string
	People []Colleague
	Rooms  []Room
	Lines  []Line
}

// Colleague is one of the team.
type Colleague struct {
	Name, Real string
	Manages    bool // may change how the app answers in a channel
}

// Room is a channel. Everybody is in it unless some are named.
type Room struct {
	Key, Name, Topic, Founder string
	Members                   []string
}

// Line is something that was said before anybody looked.
type Line struct {
	Room, By, Text string
	Ago            time.Duration
	Reply          bool   // to the line before it that is none
	Post           string // the title under which it stands in the forum, where the platform has one
}

// LanternWeekly is the newsroom. It talks about the sample articles.
func LanternWeekly() Newsroom {
	const m = time.Minute
	return Newsroom{
		Name: "Lantern Weekly",
		People: []Colleague{
			{Name: "mira", Real: "Mira Tolland", Manages: true},
			{Name: "oskar", Real: "Oskar Venn"},
			{Name: "tamsin", Real: "Tamsin Roe"},
			{Name: "idris", Real: "Idris Falk"},
		},
		Rooms: []Room{
			{Key: "newsroom", Name: "newsroom", Topic: "What goes into the next issue", Founder: "mira"},
			{Key: "general", Name: "general", Topic: "Everything else", Founder: "mira"},
			{Key: "harbour", Name: "harbour-desk", Topic: "The ferry accident at Veskar", Founder: "tamsin", Members: []string{"mira", "tamsin"}},
		},
		Lines: []Line{
			{Room: "general", By: "idris", Ago: 95 * m, Text: "The lift is stuck again. Fourth floor takes the stairs."},
			{Room: "general", By: "oskar", Ago: 91 * m, Text: "Stairs it is. I am bringing the proofs up now."},
			{Room: "newsroom", By: "tamsin", Ago: 52 * m, Text: "Have you seen the Courier on the Elsin Tern? Seven passengers, and not one of them heard an alarm."},
			{Room: "newsroom", By: "oskar", Ago: 49 * m, Reply: true, Text: "The bureau’s note of Friday has the recorder marking an alarm at 19:19:20."},
			{Room: "newsroom", By: "tamsin", Ago: 48 * m, Reply: true, Text: "They cannot both be right."},
			{Room: "newsroom", By: "oskar", Ago: 31 * m, Text: "Sundline Ferries has suspended all its sailings.", Post: "The Sundline sailings"},
			{Room: "newsroom", By: "idris", Ago: 28 * m, Reply: true, Text: "Has it? I came in on a western route this morning."},
			{
				Room: "newsroom", By: "mira", Ago: 12 * m,
				Text: "Before either of these goes into the issue I want to see who says what, and when. Let us ask Crosscheck.",
			},
			{Room: "harbour", By: "tamsin", Ago: 40 * m, Text: "The police counted 42 injured on the night. The health board had 57 at the same hour."},
			{Room: "harbour", By: "mira", Ago: 37 * m, Reply: true, Text: "And the bureau says 63 now. We print the newest number and say whose it is."},
		},
	}
}

// Pin says what to try. It stands above the messages of a channel.
type Pin struct {
	Text      string   `json:"text"`
	Questions []string `json:"questions"` // that the sample articles answer
	Commands  []string `json:"commands"`
	Note      string   `json:"note"`
}

// NewPin is what to try, where the sample articles answer; nil where they do not.
func NewPin(questions []string) *Pin {
	if len(questions) == 0 {
		return nil
	}
	return &Pin{
		Text: "Ask Crosscheck about the sample articles", Questions: questions,
		Commands: []string{"/claim An alarm sounded before the ferry hit the pier.", "/digest from:2026-03-01 until:2026-03-15", "/crosscheck settings"},
		Note:     "A question is posted as a mention, and the answer comes in its thread. Commands are answered to you alone. “Check this claim” is in the menu of every message.",
	}
}
