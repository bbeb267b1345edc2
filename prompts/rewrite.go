package prompts

type RewritePrompt struct { AnswerPrompt; Question string; History []Turn }
func ReadRewrite(s string) (string, error) { return s, nil }
