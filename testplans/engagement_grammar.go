package testplans

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

var engagementShape = &shape{
	name: "engagement",
	doc:  "The contract of an engagement: who, when, and on what.",
	fields: []field{
		{key: "engagement", is: engagementName, required: true, doc: "Its name, short and permanent: acme-ring. It is the workflow's ID too."},
		{key: "title", is: sentence, required: true, doc: "What it is about, for reports."},
		{key: "customer", is: sentence, required: true, doc: "The customer's name."},
		{key: "release", is: anyText, doc: "The Junos release that is certified."},
		{key: "contract", is: contractShape, required: true, doc: "The contract whose Advanced Services Credits pay for it."},
		{key: "juniper-care", is: anyText, required: true, doc: "The number of the customer's Juniper Care contract, without which there is no engagement."},
		{key: "service-manager", is: personShape, required: true, doc: "The single point of contact: a name and an email address."},
		{key: "contacts", is: contactList{}, required: true, doc: "The customer's 2 to 6 senior technical contacts; only they can sign."},
		{key: "time-zone", is: timeZone, required: true, doc: "The IANA name of the time zone that days are counted in: Europe/Berlin."},
		{key: "calendar", is: oneOf(CalendarDays, WorkingDays), doc: "Which days count: calendar-days, unless said, or working-days."},
		{key: "holidays", is: list{of: date, min: 1, single: true}, doc: "Dates that are no working days."},
		{key: "topology", is: topologyPath, required: true, doc: "The containerlab topology that replicates the customer's network, relative to this file."},
		{key: "plans", is: list{of: planPath, min: 1, single: true}, required: true, doc: "The plans that make the scope, relative to this file."},
		{key: "nightly", is: engagementNightlyShape, doc: "The regression that runs every night of the test window, on a fresh lab. It spends no case."},
		{key: "notify", is: list{of: engagementName, min: 1, single: true}, doc: "Names of webhooks by which the service manager hears of warnings, phases, nights and whatever waits for a contact."},
	},
	finish: finishEngagement,
}

var engagementNightlyShape = &shape{
	name: "engagement-nightly",
	doc:  "A regression that is run every night and compared with the first full run.",
	fields: []field{
		{key: "at", is: clockTime, required: true, doc: "When a night begins, in the engagement's time zone: \"02:00\"."},
		{key: "plan", is: planPath, doc: "Which of the plans it runs; the first, unless said."},
		{key: "cases", is: list{of: anyText, min: 1, single: true}, doc: "Only these cases: IDs or globs."},
		{key: "tags", is: list{of: tag, min: 1, single: true}, doc: "Only cases with one of these tags."},
		{key: "backend", is: engagementName, doc: "What its labs run on, netns or clab; what the engagement's other runs run on, unless said."},
		{key: "within", is: duration(time.Minute, 24*time.Hour), doc: "How long a night may take; then it is cut and its lab removed."},
	},
}

// clockTime is a time of the day.
var clockTime = checked("a time of the day, such as \"02:00\"",
	map[string]any{"type": "string", "pattern": `^([01][0-9]|2[0-3]):[0-5][0-9]$`, "examples": []any{"02:00"}}, func(s string) error {
		if _, err := time.Parse("15:04", s); err != nil || len(s) != len("02:00") {
			return fmt.Errorf("%q is no time of the day", shortened(s))
		}
		return nil
	})

func finishEngagement(d *decoder, o *object) any {
	if !o.has("calendar") {
		o.values["calendar"] = CalendarDays
	}
	if o.has("holidays") && o.text("calendar") != WorkingDays {
		d.mistake(o.keys["holidays"], "add calendar: "+WorkingDays+", or leave the holidays out", "holidays matter only to working days")
		return nil
	}
	nightlyOfScope(d, o)
	return o.values
}

// nightlyOfScope says what is wrong with a nightly of a plan that is not in
// the scope.
func nightlyOfScope(d *decoder, o *object) {
	nightly, _ := o.values["nightly"].(map[string]any)
	plan, _ := nightly["plan"].(string)
	plans, _ := o.values["plans"].([]any)
	if plan == "" || len(plans) == 0 || slices.Contains(plans, any(plan)) {
		return
	}
	names := make([]string, len(plans))
	for i, p := range plans {
		names[i] = filepath.Base(p.(string))
	}
	d.mistake(entry(o.at["nightly"], "plan"), "name one of plans, which are "+strings.Join(names, ", "),
		"the nightly's plan %s is not in the scope", filepath.Base(plan))
}

var contractShape = &shape{
	name: "contract",
	doc:  "A contract of Advanced Services Credits.",
	fields: []field{
		{key: "number", is: anyText, required: true, doc: "The contract's number."},
		{key: "activated", is: date, required: true, doc: "The date of its activation; credits are valid for 12 months from then."},
		{key: "credits", is: integer(1, 1_000_000), required: true, doc: "How many credits were bought."},
		{key: "price", is: integer(1, 1_000_000), required: true, doc: "How many credits this engagement costs."},
	},
}

var personShape = &shape{
	name: "person",
	doc:  "A person.",
	fields: []field{
		{key: "name", is: sentence, required: true, doc: "The person's name."},
		{key: "email", is: email, required: true, doc: "The person's email address."},
	},
}

// engagementName has no slash, which stands between a workflow and its
// children, and can be the name of a folder.
var engagementName = checked("a name of letters, digits and ._:-, such as acme-ring",
	map[string]any{"type": "string", "pattern": namePattern}, wantName)

var email = checked("an email address", stringSchema("ann@acme.example"), func(s string) error {
	name, host, ok := strings.Cut(s, "@")
	if !ok || name == "" || host == "" || strings.ContainsAny(s, " \t<>,;") || strings.Contains(host, "@") {
		return fmt.Errorf("%q is no email address", shortened(s))
	}
	return nil
})

var date = checked("a date, such as 2026-12-25", stringSchema("2026-12-25"), func(s string) error {
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return fmt.Errorf("%q is no date", shortened(s))
	}
	return nil
})

var timeZone = checked("the IANA name of a time zone, such as Europe/Berlin or UTC", stringSchema("Europe/Berlin"), func(s string) error {
	// Local is whatever the machine says, on every machine something else.
	if _, err := time.LoadLocation(s); err != nil || s == "Local" {
		return fmt.Errorf("there is no time zone %q", shortened(s))
	}
	return nil
})

// planPath is the path of a file that is there; reading it is the plan's own
// affair.
var planPath = scalar{what: "the path of a plan, relative to the engagement", json: stringSchema("rollout.yaml"),
	parse: func(d *decoder, n *yaml.Node) any {
		path := n.Value
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(d.file), path)
		}
		abs, err := filepath.Abs(path)
		if err == nil {
			_, err = os.Stat(abs)
		}
		if err != nil {
			d.mistake(n, "the path is relative to the engagement", "cannot use the plan: %v", plainPathError(err))
			return nil
		}
		return abs
	}}

// contactList reads contacts:, which the service wants 2 to 6 of.
type contactList struct{}

func (contactList) schema(w *schemaWriter) map[string]any {
	return map[string]any{"type": "array", "minItems": MinContacts, "maxItems": MaxContacts, "items": personShape.schema(w)}
}

func (contactList) read(d *decoder, n *yaml.Node) any {
	people := list{of: personShape}.read(d, n)
	if people == nil {
		return nil
	}
	if count := len(n.Content); count < MinContacts || count > MaxContacts {
		d.mistake(n, "only they can sign the scope, approve amendments, waive or accept results",
			"an engagement has %d to %d senior technical contacts, not %d", MinContacts, MaxContacts, count)
		return nil
	}
	seen := map[string]int{}
	for _, person := range n.Content {
		at := entry(person, "email")
		if at == nil {
			continue
		}
		address := strings.ToLower(at.Value)
		if line, twice := seen[address]; twice {
			d.mistake(at, "name another person", "contact %s is named twice; already on line %d", at.Value, line)
		}
		seen[address] = at.Line
	}
	return people
}
