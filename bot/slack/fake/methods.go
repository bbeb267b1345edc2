package fake

// Which token a method asks for.
const (
	tokenBot = iota
	tokenApp
	tokenNone
)

// method is what is known of a method of the Web API. The scopes, of which one is enough, the tiers and the required
// arguments are those of its page in Slack's reference.
type method struct {
	serve    func(*call) (obj, error)
	token    int
	scopes   []string
	tier     int // 5 stands for a limit of its own
	json     bool
	required []string
}

// methods returns the methods that the fake knows, by name.
func methods() map[string]method {
	reads := []string{"channels:read", "groups:read", "im:read", "mpim:read"}
	histories := []string{"channels:history", "groups:history", "im:history", "mpim:history"}
	opens := []string{"channels:manage", "groups:write", "im:write", "mpim:write"}
	write, users, assistant := []string{"chat:write"}, []string{"users:read"}, []string{"assistant:write"}
	status := []string{"chat:write", "assistant:write"}
	reactsW, reactsR := []string{"reactions:write"}, []string{"reactions:read"}
	return map[string]method{
		"api.test":               {serve: apiTest, token: tokenNone, tier: 4, json: true},
		"auth.test":              {serve: authTest, tier: 5, json: true},
		"auth.revoke":            {serve: authRevoke, tier: 3},
		"apps.connections.open":  {serve: openConnection, token: tokenApp, tier: 3, json: true},
		"apps.manifest.validate": {serve: validateManifest, token: tokenNone, tier: 3, json: true, required: []string{"manifest"}},
		"apps.uninstall":         {serve: appsUninstall, tier: 1, required: []string{"client_id", "client_secret"}},
		"blocks.validate":        {serve: validateBlocksMethod, token: tokenNone, tier: 3, json: true},
		"oauth.v2.access":        {serve: oauthAccess, token: tokenNone, tier: 5},
		"team.info":              {serve: teamInfo, scopes: []string{"team:read"}, tier: 3, json: true},
		"bots.info":              {serve: botsInfo, scopes: users, tier: 3},
		"users.info":             {serve: usersInfo, scopes: users, tier: 4, required: []string{"user"}},
		"users.list":             {serve: usersList, scopes: users, tier: 2},
		"conversations.info":     {serve: conversationsInfo, scopes: reads, tier: 3, required: []string{"channel"}},
		"conversations.list":     {serve: conversationsList, scopes: reads, tier: 2},
		"conversations.members":  {serve: conversationsMembers, scopes: reads, tier: 4, required: []string{"channel"}},
		"conversations.history":  {serve: conversationsHistory, scopes: histories, tier: 3, json: true, required: []string{"channel"}},
		"conversations.replies":  {serve: conversationsReplies, scopes: histories, tier: 3, required: []string{"channel", "ts"}},
		"conversations.open":     {serve: conversationsOpen, scopes: opens, tier: 3, json: true},
		"conversations.join":     {serve: conversationsJoin, scopes: []string{"channels:join"}, tier: 3, json: true, required: []string{"channel"}},
		"chat.postMessage":       {serve: postMessage, scopes: write, tier: 5, json: true, required: []string{"channel"}},
		"chat.postEphemeral":     {serve: postEphemeral, scopes: write, tier: 4, json: true, required: []string{"channel", "user"}},
		"chat.update":            {serve: chatUpdate, scopes: write, tier: 3, json: true, required: []string{"channel", "ts"}},
		"chat.delete":            {serve: chatDelete, scopes: write, tier: 3, json: true, required: []string{"channel", "ts"}},
		"chat.getPermalink":      {serve: getPermalink, tier: 5, required: []string{"channel", "message_ts"}},
		"chat.startStream":       {serve: startStream, scopes: write, tier: 2, json: true, required: []string{"channel", "thread_ts"}},
		"chat.appendStream":      {serve: appendStream, scopes: write, tier: 4, json: true, required: []string{"channel", "ts"}},
		"chat.stopStream":        {serve: stopStream, scopes: write, tier: 2, json: true, required: []string{"channel", "ts"}},
		"assistant.threads.setStatus": {
			serve: setThreadStatus, scopes: status, tier: 5, json: true, required: []string{"channel_id", "thread_ts", "status"},
		},
		"assistant.threads.setTitle": {
			serve: setThreadTitle, scopes: assistant, tier: 4, json: true, required: []string{"channel_id", "thread_ts", "title"},
		},
		"assistant.threads.setSuggestedPrompts": {
			serve: setSuggestedPrompts, scopes: assistant, tier: 4, json: true, required: []string{"channel_id", "prompts"},
		},
		"agents.sessions.setStatus": {serve: setSessionStatus, scopes: write, tier: 3, json: true, required: []string{"channel_id", "status"}},
		"agents.sessions.rename":    {serve: renameSession, scopes: write, tier: 3, json: true, required: []string{"channel_id", "title"}},
		"views.open":                {serve: viewsOpen, tier: 4, json: true, required: []string{"view"}},
		"views.push":                {serve: viewsPush, tier: 4, json: true, required: []string{"view"}},
		"views.update":              {serve: viewsUpdate, tier: 4, json: true, required: []string{"view"}},
		"views.publish":             {serve: viewsPublish, tier: 4, json: true, required: []string{"user_id", "view"}},
		"reactions.add":             {serve: reactionsAdd, scopes: reactsW, tier: 3, json: true, required: []string{"channel", "name", "timestamp"}},
		"reactions.remove":          {serve: reactionsRemove, scopes: reactsW, tier: 2, json: true, required: []string{"name"}},
		"reactions.get":             {serve: reactionsGet, scopes: reactsR, tier: 3},
	}
}
