package bot

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/hashicorp/golang-lru/v2/expirable"

	"crosscheck/prompts"
	"crosscheck/retrieval/news"
)

// Cache keeps what a language model has answered, so that who asks the same again is answered at once and at no cost. It keeps whole
// replies, as coordinates: the disagreements are among them, and every quote is cut from its article again. A reply counts for the
// question, what it was limited to and what was said before it, for the articles as they were, and for the words in which these models were asked.
type Cache struct {
	models string
	kept   *expirable.LRU[cacheKey, []byte]
}

type cacheKey [sha256.Size]byte

// NewCache returns a cache of so many replies of models, each for so long.
func NewCache(models string, most int, age time.Duration) *Cache {
	return &Cache{models: models, kept: expirable.NewLRU[cacheKey, []byte](most, nil, age)}
}

// key names a question as far as its answer depends on it.
func (c *Cache) key(q Question, revision string, asked Uses) cacheKey {
	encoded, err := json.Marshal(struct {
		Version, Models, Revision, Text string
		Filter                          news.Filter
		History                         []prompts.Turn
		Uses                            Uses
	}{prompts.Version(prompts.AnswerPrompt{}), c.models, revision, q.Text, q.Filter, q.History, asked})
	if err != nil {
		panic(err) // text and times, which can always be encoded
	}
	return sha256.Sum256(encoded)
}

// cached answers a question as it was answered before, or through answer, whose reply is kept when a language model has made it and
// nothing has failed meanwhile: what could not be searched, written or judged now may be in a minute.
func (b *Bot) cached(ctx context.Context, q Question, t *Trace, answer func() (Reply, error)) (Reply, error) {
	if b.Cache == nil || b.Model == nil {
		return answer()
	}
	revision, err := b.Library.Revision(ctx)
	if err != nil {
		return nil, err
	}
	key := b.Cache.key(q, revision, b.Uses)
	if kept, ok := b.Cache.kept.Get(key); ok {
		if reply, err := b.Recall(ctx, kept); err == nil {
			t.Cached, t.Mode = true, ModeLLM
			return asked(reply, q), nil
		}
	}
	reply, err := answer()
	if err == nil && t.Mode == ModeLLM && t.ModelError == "" && t.Warning == "" {
		if kept, err := Encode(reply); err == nil {
			b.Cache.kept.Add(key, kept)
		}
	}
	return reply, err
}

// asked is a recalled reply to a question, which is not kept whole.
func asked(r Reply, q Question) Reply {
	if a, ok := r.(Answer); ok {
		a.question = q
		return a
	}
	return r
}
