package prompts

import (
	"strconv"
	"strings"
)

// TitlesPrompt asks for short, neutral titles of several stories.
type TitlesPrompt struct {
	// Articles are those that tell what the stories are about. The number of an article is that of its story, and its text is the
	// article's first sentence.
	Articles []Source
}

// Name is the prompt's name.
func (p TitlesPrompt) Name() string { return "titles" }

// Messages returns the operator's instructions and the user's message for a language model.
func (p TitlesPrompt) Messages() (system, user string, err error) { return messages(p) }

// Schema is the schema of the titles.
func (p TitlesPrompt) Schema() string { return titlesSchema }

// Fitted returns the prompt with as many of its articles as fit, of each story its share.
func (p TitlesPrompt) Fitted(room int, size func(string) int) (Prompt, []string, error) {
	show := func(s Source) (string, error) { return write("article", s) }
	byStory := func(s Source) string { return strconv.Itoa(s.N) }
	var left []string
	var err error
	p.Articles, left, err = fitted(p, TitlesPrompt{}, p.Articles, show, byStory, room, size)
	return p, left, err
}

// DraftTitle is a title as a model wrote it, unchecked. There is one of a story at most.
type DraftTitle struct {
	Story int    `json:"story"`
	Title string `json:"title"`
}

// titlesSchema is the JSON schema of titles.
const titlesSchema = `{
  "type": "object",
  "properties": {
    "titles": {"type": "array", "items": {
      "type": "object",
      "properties": {"story": {"type": "integer"}, "title": {"type": "string"}},
      "required": ["story", "title"], "additionalProperties": false}}
  },
  "required": ["titles"], "additionalProperties": false
}`

// ReadTitles reads a model's reply to a TitlesPrompt.
func ReadTitles(reply string) ([]DraftTitle, error) {
	var read struct {
		Titles []DraftTitle `json:"titles"`
	}
	if err := decode(reply, &read, "titles"); err != nil {
		return nil, err
	}
	for i := range read.Titles {
		read.Titles[i].Title = strings.TrimSpace(read.Titles[i].Title)
	}
	if err := checkOnce(read.Titles, func(t DraftTitle) int { return t.Story }); err != nil {
		return nil, err
	}
	return read.Titles, nil
}
