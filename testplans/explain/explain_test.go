package explain_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/explain"
)

func guide(t *testing.T, schema []byte) *explain.Guide {
	t.Helper()
	g, err := explain.New(schema)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// menu has every form of value that the schemas of this project use.
const menu = `{
  "description": "What there is to eat.",
  "type": "object", "required": ["date", "courses"],
  "properties": {
    "date": {"type": "string", "examples": ["2026-11-23"], "description": "The day."},
    "guests": {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 12}, {"$ref": "#/$defs/placeholder"}], "description": "How many."},
    "courses": {"type": "array", "items": {"$ref": "#/$defs/course"}, "description": "In their order."},
    "drinks": {"type": "object", "additionalProperties": {"$ref": "#/$defs/drink"}, "description": "By name."},
    "cash": {"const": true, "description": "No cards."}
  },
  "$defs": {
    "placeholder": {"type": "string"},
    "course": {"type": "object", "description": "A course.", "additionalProperties": false,
      "properties": {
        "soup": {"enum": ["clear", "thick"], "description": "Which soup."},
        "roast": {"type": ["string", "number"], "description": "Which roast, for those who want to know all about it before they choose what they eat."},
        "spoon": {"type": "boolean", "description": "Whether there is a spoon."},
        "with": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}], "description": "What else."}
      },
      "dependentSchemas": {"spoon": {"anyOf": [{"required": ["soup"]}]}},
      "allOf": [{"oneOf": [{"required": ["soup"]}, {"required": ["roast"]}]}]
    },
    "drink": {"type": "object", "properties": {"with": {"type": "number", "minimum": 0, "description": "Ice cubes."}}}
  }
}`

func TestExplain(t *testing.T) {
	g := guide(t, []byte(menu))
	for path, want := range map[string]string{
		"": `What there is to eat.

Keys:
  courses: a list, each a mapping (required)
      In their order.
  date: such as 2026-11-23 (required)
      The day.
  cash: true
      No cards.
  drinks: NAME: a mapping
      By name.
  guests: a whole number, 1 to 12
      How many.
`,
		"courses": `courses: a list, each a mapping

In their order.

It takes one of soup, roast.

Keys:
  roast: text
      Which roast, for those who want to know all about it before they choose
      what they eat.
  soup: clear | thick
      Which soup.
  spoon: true | false (beside soup)
      Whether there is a spoon.
  with: text, or a list of such
      What else.
`,
		"courses.with": `courses.with: text, or a list of such

What else.
`,
		"with": `courses.with: text, or a list of such

What else.

The same word elsewhere: drinks.with
`,
	} {
		topic, err := g.Explain(path)
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		if err := explain.Text(&text, topic); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, text.String()); diff != "" {
			t.Errorf("%q (-want +got):\n%s", path, diff)
		}
	}
}

func TestUnknownKeys(t *testing.T) {
	g := guide(t, []byte(menu))
	for path, want := range map[string]string{
		"course":       "there is no key course; did you mean courses?",
		"drinks.sop":   "there is no key drinks.sop; did you mean soup?",
		"drinks.roast": "there is no key drinks.roast, but roast is one elsewhere",
		"zzz":          "there is no key zzz; these are the keys at the top: courses, date, cash, drinks, guests",
		"thick":        "there is no key thick; thick is spoken of at courses.soup",
		"courses.":     "there is no key courses.; these are the keys at the top: courses, date, cash, drinks, guests",
	} {
		if _, err := g.Explain(path); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
}

// Whatever a file may say has its words, and is found by its name.
func TestEverythingIsExplained(t *testing.T) {
	for name, schema := range map[string][]byte{"plan": testplans.Schema(), "engagement": testplans.EngagementSchema()} {
		g := guide(t, schema)
		names := g.Names()
		if len(names) < 20 {
			t.Errorf("%s: only %d keys: %v", name, len(names), names)
		}
		for _, key := range names {
			topic, err := g.Explain(key)
			switch {
			case err != nil:
				t.Errorf("%s: %v", name, err)
			case topic.Doc == "" || topic.What == "":
				t.Errorf("%s: %s is not explained: %+v", name, topic.Path, topic)
			}
			for _, k := range topic.Keys {
				if k.Doc == "" || k.What == "" {
					t.Errorf("%s: %s.%s is not explained: %+v", name, topic.Path, k.Name, k)
				}
			}
		}
	}
}

// Steps are explained as steps, not as those of a setup.
func TestShippedPaths(t *testing.T) {
	g := guide(t, testplans.Schema())
	for key, want := range map[string]string{"bgp": "cases.steps.check.bgp", "traffic": "cases.steps.traffic", "rate": "streams.rate"} {
		if topic, err := g.Explain(key); err != nil || topic.Path != want {
			t.Errorf("%s: %+v (%v), want %s", key, topic, err, want)
		}
	}
}

// What a key excludes stands in one rule, however much it is.
func TestExclusionsAreOneRule(t *testing.T) {
	topic, err := guide(t, testplans.Schema()).Explain("streams")
	if err != nil {
		t.Fatal(err)
	}
	if want := "either layers or any of src, dst, udp, dscp, ttl"; !slices.Contains(topic.Rules, want) {
		t.Errorf("no rule %q in %q", want, topic.Rules)
	}
	if n := len(topic.Rules); n > 6 {
		t.Errorf("%d rules: %q", n, topic.Rules)
	}
}
