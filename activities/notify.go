package activities

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/notice"
)

// A Webhook is where notices go. Its URL is a secret: who has it can post.
type Webhook struct {
	URL string
	// Format is "" for a body that Slack and Teams both take, or AdaptiveCard.
	Format string
}

// AdaptiveCard is the format for a Teams workflow that takes nothing else.
const AdaptiveCard = "adaptive-card"

// Notify tells people, by webhooks that it knows by their names. Names travel
// and stand in histories; URLs do neither, also not in errors.
type Notify struct {
	Webhook func(name string) (Webhook, error)
}

// NoticeInput is what to tell whom: a night, or else an event of an engagement.
type NoticeInput struct {
	Webhook string        `json:"webhook"` // name
	Night   *notice.Night `json:"night,omitempty"`
	Event   *notice.Event `json:"event,omitempty"`
}

func (in *NoticeInput) notice() (notice.Notice, error) {
	switch {
	case in.Night != nil:
		return in.Night.Notice(), nil
	case in.Event != nil:
		return in.Event.Notice(), nil
	}
	return notice.Notice{}, errors.New("there is nothing to tell")
}

// postTimeout is how long a receiver may take to answer.
const postTimeout = 30 * time.Second

// PostNotice posts a notice. A receiver that is down or busy is worth another
// try; a TypeWebhook error is not: the name is unknown here, or the receiver
// refuses.
func (n *Notify) PostNotice(ctx context.Context, in NoticeInput) error {
	if n.Webhook == nil {
		return final(TypeWebhook, errors.New("this worker has no webhooks"))
	}
	hook, err := n.Webhook(in.Webhook)
	if err != nil {
		return final(TypeWebhook, err)
	}
	var body []byte
	what, err := in.notice()
	if err == nil {
		body, err = hook.body(what)
	}
	if err != nil {
		return final(TypeWebhook, fmt.Errorf("webhook %s: %w", in.Webhook, err))
	}
	return hook.post(ctx, in.Webhook, body)
}

func (h Webhook) body(n notice.Notice) ([]byte, error) {
	switch h.Format {
	case "":
		return n.Card()
	case AdaptiveCard:
		return n.AdaptiveCard()
	}
	return nil, fmt.Errorf("unknown format %q, expected none or %q", h.Format, AdaptiveCard)
}

// client follows no redirect: a POST that is redirected becomes a GET, which
// is answered and tells nobody.
var client = &http.Client{
	Timeout:       postTimeout,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func (h Webhook) post(ctx context.Context, name string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, bytes.NewReader(body))
	if err != nil {
		return final(TypeWebhook, fmt.Errorf("webhook %s has a malformed URL", name))
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("webhook %s: %w", name, withoutURL(err))
	}
	defer resp.Body.Close()
	if resp.StatusCode/100 == 2 {
		return nil
	}
	return h.refused(name, resp)
}

// withoutURL takes the address out of an error of the HTTP client.
func withoutURL(err error) error {
	var at *url.Error
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// refused is the error of an answer that is no success, with the beginning of
// what the receiver said.
func (h Webhook) refused(name string, resp *http.Response) error {
	said, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10)) // a part is enough
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(said), "")), " ")
	if strings.Contains(text, h.URL) {
		text = "" // an error page that repeats the address
	}
	err := fmt.Errorf("webhook %s answers %s", name, resp.Status)
	if text != "" {
		err = fmt.Errorf("webhook %s answers %s: %s", name, resp.Status, check.Shorten(text, 120))
	}
	switch code := resp.StatusCode; {
	case code >= 500, code == http.StatusTooManyRequests, code == http.StatusRequestTimeout, code == http.StatusTooEarly:
		return temporal.NewApplicationErrorWithOptions(err.Error(), "WebhookBusy",
			temporal.ApplicationErrorOptions{NextRetryDelay: retryAfter(resp), Cause: err})
	}
	return final(TypeWebhook, err)
}

// longestWait bounds what a receiver may ask for.
const longestWait = time.Hour

// retryAfter is the wait that the receiver asks for, 0 if it does not.
func retryAfter(resp *http.Response) time.Duration {
	seconds, err := strconv.Atoi(resp.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, longestWait)
}
