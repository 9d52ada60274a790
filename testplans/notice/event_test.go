package notice_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans/notice"
)

func TestEvent(t *testing.T) {
	of := func(e notice.Event) notice.Event {
		e.Engagement, e.Customer, e.For = "acme-ring", "ACME Networks", "Sam Field <sam@lab.example>"
		e.Phase, e.Day, e.Days = "testing", 7, 30
		return e
	}
	const tail = "Day 7 of 30, phase testing. For Sam Field <sam@lab.example>, the service manager."
	night := notice.Judge("acme-ring", run("acme-ring/night-04/run", "A fail: no route"), run("acme-ring/run-01", "A pass"), "")
	for _, c := range []struct {
		name           string
		event          notice.Event
		headline, text string
	}{
		{"a warning", of(notice.Event{What: "the test window ends in 5 days"}), "ACME Networks (acme-ring): the test window ends in 5 days", tail},
		{"something waits", of(notice.Event{What: "amendment 1: 1 added", Why: "a second\n uplink", Waiting: "for the signature of Ann", Do: "ccl engagement sign acme-ring"}),
			"ACME Networks (acme-ring): amendment 1: 1 added",
			"Why: a second uplink.\n\nIt waits for the signature of Ann.\n\nTo do it: ccl engagement sign acme-ring\n\n" + tail},
		{"a night", of(notice.Event{What: "night-04 ended: ring-rollout: 1 new-fail", Night: night}),
			"ACME Networks (acme-ring): night-04 ended: ring-rollout: 1 new-fail",
			"- new-fail A The A holds (fail, before pass): no route\n\nRun acme-ring/night-04/run, compared with acme-ring/run-01\n\n" + tail},
	} {
		if got := c.event.Notice(); got.Headline != c.headline || got.Text != c.text {
			t.Errorf("%s: %q\n%q, want %q\n%q", c.name, got.Headline, got.Text, c.headline, c.text)
		}
	}
}

// A notice without a text is a headline in both forms.
func TestNoticeWithoutText(t *testing.T) {
	n := notice.Notice{Headline: "the lab is <closed>"}
	body, err := n.Card()
	var card map[string]string
	if err != nil || json.Unmarshal(body, &card) != nil || card["text"] != "the lab is &lt;closed&gt;" {
		t.Errorf("%s, %v", body, err)
	}
	if body, err = n.AdaptiveCard(); err != nil || strings.Count(string(body), "TextBlock") != 1 {
		t.Errorf("%s, %v", body, err)
	}
}
