package testplans_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology"
)

const engagementYAML = `engagement: acme-ring
title: Roll-out on the ring
customer: ACME Networks
release: 23.4R2
contract: {number: AS-1001, activated: 2026-01-15, credits: 100, price: 40}
juniper-care: JC-77120
service-manager: {name: Sam Field, email: sam@lab.example}
contacts:
  - {name: Ann Chef, email: ann@acme.example}
  - {name: Bob Ring, email: bob@acme.example}
time-zone: Europe/Berlin
calendar: working-days
holidays: [2026-12-25]
topology: ring.clab.yml
plans: [rollout.yaml]
`

// loadEngagement reads an engagement beside which there is a plan rollout.yaml.
func loadEngagement(t *testing.T, text string) (*testplans.Engagement, error) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"engagement.yaml": text, "rollout.yaml": "plan: rollout\n", "other.yaml": "plan: other\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return testplans.LoadEngagement(filepath.Join(dir, "engagement.yaml"), func(path string) (*topology.Topology, error) {
		if filepath.Base(path) != "ring.clab.yml" {
			return nil, &os.PathError{Op: "open", Path: path, Err: os.ErrNotExist}
		}
		return &topology.Topology{Name: "ring"}, nil
	})
}

func TestLoadEngagement(t *testing.T) {
	e, err := loadEngagement(t, engagementYAML)
	if err != nil {
		t.Fatal(err)
	}
	if e.ID != "acme-ring" || e.Contract != (testplans.Contract{Number: "AS-1001", Activated: "2026-01-15", Credits: 100, Price: 40}) ||
		len(e.Contacts) != 2 || e.Contacts[1].String() != "Bob Ring <bob@acme.example>" || e.Calendar != testplans.WorkingDays {
		t.Errorf("read as %+v", e)
	}
	if !filepath.IsAbs(e.Topology) || len(e.Plans) != 1 || !filepath.IsAbs(e.Plans[0]) || !filepath.IsAbs(e.File) {
		t.Errorf("paths are not absolute: %s, %s, %s", e.Topology, e.Plans, e.File)
	}
	at, err := e.Activation()
	if err != nil || at.UTC().Format("2006-01-02 15:04") != "2026-01-15 00:00" {
		t.Errorf("activated at %s, %v", at, err)
	}
	plain, err := loadEngagement(t, strings.NewReplacer("calendar: working-days\n", "", "holidays: [2026-12-25]\n", "").Replace(engagementYAML))
	if err != nil || plain.Calendar != testplans.CalendarDays {
		t.Errorf("without a calendar: %+v, %v", plain, err)
	}
}

func TestEngagementNightly(t *testing.T) {
	e, err := loadEngagement(t, engagementYAML+`nightly: {at: 02:30, plan: rollout.yaml, cases: OSPF-*, tags: [smoke, bgp], backend: clab, within: 90m}
notify: lab-chat
`)
	if err != nil {
		t.Fatal(err)
	}
	want := &testplans.EngagementNightly{At: "02:30", Plan: e.Plans[0], Cases: []string{"OSPF-*"}, Tags: []string{"smoke", "bgp"},
		Backend: "clab", Within: testplans.Duration(90 * time.Minute)}
	if diff := cmp.Diff(want, e.Nightly); diff != "" {
		t.Error(diff)
	}
	if hour, minute, err := e.Nightly.Clock(); hour != 2 || minute != 30 || err != nil {
		t.Errorf("it begins at %d:%d, %v", hour, minute, err)
	}
	if len(e.Notify) != 1 || e.Notify[0] != "lab-chat" {
		t.Errorf("notify %q", e.Notify)
	}
	plain, err := loadEngagement(t, engagementYAML)
	if err != nil || plain.Nightly != nil || plain.Notify != nil {
		t.Errorf("without one: %+v, %v", plain, err)
	}
}

// The schema knows every key that the loader does, at every depth.
func TestEngagementSchema(t *testing.T) {
	text := string(testplans.EngagementSchema())
	for _, want := range []string{`"juniper-care"`, `"nightly"`, `"notify"`, `"within"`, `"maxItems": 6`, "([01][0-9]|2[0-3])", `"title": "ccl engagement"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the schema lacks %s", want)
		}
	}
	if strings.Contains(text, "placeholder") {
		t.Error("an engagement has no matrix, so nothing can be a placeholder")
	}
	if !json.Valid([]byte(text)) {
		t.Error("the schema is no JSON")
	}
}

func TestEngagementMistakes(t *testing.T) {
	contacts := func(n int) string {
		text := "contacts:\n"
		for i := range n {
			text += fmt.Sprintf("  - {name: N, email: c%d@acme.example}\n", i)
		}
		return text
	}
	const two = "contacts:\n  - {name: Ann Chef, email: ann@acme.example}\n  - {name: Bob Ring, email: bob@acme.example}\n"
	for _, c := range []struct{ name, old, new, want string }{
		{"a misspelt key", "customer:", "custmer:", ":3:1: unknown key \"custmer\" in engagement\n\thint: did you mean customer?"},
		{"no care contract", "juniper-care: JC-77120\n", "", ":1:1: engagement lacks the key \"juniper-care\""},
		{"one contact", two, contacts(1), ":9:3: an engagement has 2 to 6 senior technical contacts, not 1"},
		{"seven contacts", two, contacts(7), ":9:3: an engagement has 2 to 6 senior technical contacts, not 7"},
		{"one contact twice", "bob@", "ANN@", ":10:29: contact ANN@acme.example is named twice; already on line 9"},
		{"no address", "sam@lab.example", "sam", ":7:43: \"sam\" is no email address"},
		{"no time zone", "Europe/Berlin", "Europe/Berlinn", ":11:12: there is no time zone \"Europe/Berlinn\""},
		{"the machine's own time zone", "Europe/Berlin", "Local", ":11:12: there is no time zone \"Local\""},
		{"another calendar", "calendar: working-days", "calendar: work-days", ":12:11: expected calendar-days or working-days, not \"work-days\"\n\thint: did you mean working-days?"},
		{"holidays of calendar days", "calendar: working-days\n", "", ":12:1: holidays matter only to working days"},
		{"no date", "2026-12-25", "25.12.2026", ":13:12: \"25.12.2026\" is no date"},
		{"an activation that is no date", "2026-01-15", "2026-13-15", "is no date"},
		{"no credits", "credits: 100", "credits: 0", ":5:61: expected a whole number"},
		{"a topology that is not there", "ring.clab.yml", "rign.clab.yml", ":14:11: cannot use the topology: rign.clab.yml"},
		{"a plan that is not there", "[rollout.yaml]", "[rolout.yaml]", ":15:9: cannot use the plan: rolout.yaml"},
		{"no plan", "[rollout.yaml]", "[]", ":15:8: this list is empty"},
		{"a nightly without a time", "plans: [rollout.yaml]", "plans: [rollout.yaml]\nnightly: {tags: smoke}", ":16:10: engagement-nightly lacks the key \"at\""},
		{"a nightly at no time", "plans: [rollout.yaml]", "plans: [rollout.yaml]\nnightly: {at: 25:00}", ":16:15: \"25:00\" is no time of the day"},
		{"a nightly at a time with a digit less", "plans: [rollout.yaml]", "plans: [rollout.yaml]\nnightly: {at: 2:00}", ":16:15: \"2:00\" is no time of the day"},
		{"a nightly of another plan", "plans: [rollout.yaml]", "plans: [rollout.yaml]\nnightly: {at: \"02:00\", plan: other.yaml}", ":16:30: the nightly's plan other.yaml is not in the scope\n\thint: name one of plans, which are rollout.yaml"},
		{"a nightly of a plan that is not there", "plans: [rollout.yaml]", "plans: [rollout.yaml]\nnightly: {at: \"02:00\", plan: missing.yaml}", ":16:30: cannot use the plan: missing.yaml"},
		{"a nightly with a misspelt key", "plans: [rollout.yaml]", "plans: [rollout.yaml]\nnightly: {at: \"02:00\", tag: smoke}", "unknown key \"tag\" in engagement-nightly\n\thint: did you mean tags?"},
		{"a night of no length", "plans: [rollout.yaml]", "plans: [rollout.yaml]\nnightly: {at: \"02:00\", within: 3}", "the duration 3 has no unit"},
		{"nobody to notify", "plans: [rollout.yaml]", "plans: [rollout.yaml]\nnotify: []", ":16:9: this list is empty"},
		{"an empty file", engagementYAML, "", ":1:1: the engagement is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(engagementYAML, c.old) {
				t.Fatalf("%q is not in the example", c.old)
			}
			_, err := loadEngagement(t, strings.Replace(engagementYAML, c.old, c.new, 1))
			var mistakes testplans.Mistakes
			if !errors.As(err, &mistakes) || len(mistakes) != 1 || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant one mistake with %q", err, c.want)
			}
		})
	}
}
