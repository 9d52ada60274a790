package activities_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/notice"
)

// post posts a notice to a receiver.
func post(t *testing.T, url, format string) error {
	t.Helper()
	notify := activities.Notify{Webhook: func(name string) (activities.Webhook, error) {
		if name != "lab-chat" {
			return activities.Webhook{}, errors.New("no webhook named " + name)
		}
		return activities.Webhook{URL: url, Format: format}, nil
	}}
	night := notice.Unknown("nightly-ring", "n1", "ring", "no space left")
	return notify.PostNotice(t.Context(), activities.NoticeInput{Webhook: "lab-chat", Night: night})
}

func TestPostNotice(t *testing.T) {
	for format, key := range map[string]string{"": "text", activities.AdaptiveCard: "attachments"} {
		var body map[string]any
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" || r.URL.Path != "/T1/secret" {
				t.Errorf("%s %s of %s", r.Method, r.URL, r.Header.Get("Content-Type"))
			}
			if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
				t.Error(err)
			}
			w.WriteHeader(http.StatusAccepted) // as Teams answers
		}))
		err := post(t, receiver.URL+"/T1/secret", format)
		receiver.Close()
		if err != nil || body[key] == nil {
			t.Errorf("format %q: %v, body %v", format, err, body)
		}
	}
}

// What is worth another try, what is not, and how long the receiver asks to
// be left alone.
func TestReceiverAnswers(t *testing.T) {
	for _, c := range []struct {
		status int
		header string
		final  bool
		wait   time.Duration
	}{
		{status: 400, final: true},
		{status: 404, final: true},
		{status: 410, final: true},
		{status: 302, final: true},
		{status: 408},
		{status: 429, header: "30", wait: 30 * time.Second},
		{status: 429, header: "86400", wait: time.Hour},
		{status: 500},
		{status: 503, header: "Fri, 27 Nov 2026 22:00:00 GMT"},
	} {
		asked := 0
		receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked++
			if c.header != "" {
				w.Header().Set("Retry-After", c.header)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			io.WriteString(w, "no_service\nat all")
		}))
		err := post(t, receiver.URL, "")
		receiver.Close()
		var app *temporal.ApplicationError
		if !errors.As(err, &app) || app.NonRetryable() != c.final || app.NextRetryDelay() != c.wait {
			t.Errorf("%d: %#v, want final %v, wait %v", c.status, err, c.final, c.wait)
			continue
		}
		if asked != 1 || !strings.Contains(app.Message(), "no_service at all") {
			t.Errorf("%d: asked %d times: %s", c.status, asked, app.Message())
		}
	}
}

// The URL is a secret, also in errors.
func TestErrorsDoNotNameTheURL(t *testing.T) {
	parrot := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, "no such hook: http://"+r.Host+r.URL.Path, http.StatusNotFound)
	}))
	defer parrot.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, url := range map[string]string{
		"an answer that repeats it": parrot.URL + "/T1/secret",
		"nobody listens":            gone.URL + "/T1/secret",
		"no host of that name":      "http://nowhere.invalid/T1/secret",
		"another scheme":            "gopher://chat/T1/secret",
		"malformed":                 "http://chat:port/T1/secret",
	} {
		err := post(t, url, "")
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		} else if !strings.Contains(err.Error(), "webhook lab-chat") {
			t.Errorf("%s: the error does not name the webhook: %v", name, err)
		}
	}
}

func TestUnknownWebhook(t *testing.T) {
	for name, notify := range map[string]activities.Notify{
		"none at all": {},
		"another":     {Webhook: func(string) (activities.Webhook, error) { return activities.Webhook{}, errors.New("no such") }},
		"format":      {Webhook: func(string) (activities.Webhook, error) { return activities.Webhook{Format: "fax"}, nil }},
	} {
		err := notify.PostNotice(t.Context(), activities.NoticeInput{Webhook: "x", Night: &notice.Night{}})
		var app *temporal.ApplicationError
		if !errors.As(err, &app) || !app.NonRetryable() {
			t.Errorf("%s: %v is tried again", name, err)
		}
	}
}
