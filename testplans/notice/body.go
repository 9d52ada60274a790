package notice

import (
	"encoding/json"
	"strings"
)

// A Notice is something that somebody has to hear of, in words.
type Notice struct {
	Headline string `json:"headline"` // one line
	// Text is what lies below it. Its paragraphs and lists read well as Markdown
	// and as they are.
	Text string `json:"text,omitempty"`
}

// Card is the notice as the body of a webhook that chat services share. Slack
// (and what imitates it) reads "text" and passes over keys it does not know;
// Teams reads the whole as a message card. There are no "attachments": Slack
// refuses those with keys of Teams' kind.
func (n Notice) Card() ([]byte, error) {
	return json.Marshal(map[string]string{
		"@type":    "MessageCard",
		"@context": "https://schema.org/extensions",
		"summary":  escape(n.Headline),
		"text":     escape(strings.TrimSpace(n.Headline + "\n\n" + n.Text)),
	})
}

// AdaptiveCard is the notice as the body for a Teams workflow ("when a Teams
// webhook request is received") that takes adaptive cards only.
func (n Notice) AdaptiveCard() ([]byte, error) {
	type block struct {
		Type   string `json:"type"`
		Text   string `json:"text"`
		Wrap   bool   `json:"wrap"`
		Weight string `json:"weight,omitempty"`
		Size   string `json:"size,omitempty"`
	}
	body := []block{{Type: "TextBlock", Text: n.Headline, Wrap: true, Weight: "Bolder", Size: "Medium"}}
	if n.Text != "" {
		body = append(body, block{Type: "TextBlock", Text: n.Text, Wrap: true})
	}
	card := map[string]any{
		"$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
		"type":    "AdaptiveCard",
		"version": "1.4",
		"body":    body,
	}
	return json.Marshal(map[string]any{
		"type": "message",
		"attachments": []map[string]any{
			{"contentType": "application/vnd.microsoft.card.adaptive", "content": card},
		},
	})
}

// escape keeps what a device said from becoming a link or a call to everyone
// in the channel.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
