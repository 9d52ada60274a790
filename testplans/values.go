package testplans

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
)

// A scalar reads a value that is not a mapping or list.
type scalar struct {
	what  string // "a duration, such as 30s"
	parse func(d *decoder, n *yaml.Node) any
	json  map[string]any // its JSON Schema
}

func (s scalar) read(d *decoder, n *yaml.Node) any {
	if n.Kind != yaml.ScalarNode {
		d.mistake(n, forgottenQuotes(n), "expected %s, not %s", s.what, describe(n))
		return nil
	}
	if n.ShortTag() == "!!null" || n.Value == "" {
		d.mistake(n, "", "expected %s, but nothing is here", s.what)
		return nil
	}
	return s.parse(d, n)
}

func (s scalar) schema(w *schemaWriter) map[string]any { return w.scalar(s.json) }

// forgottenQuotes recognizes {pref} without quotes, which YAML takes for a
// mapping.
func forgottenQuotes(n *yaml.Node) string {
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle != 0 && len(n.Content) == 2 && n.Content[1].ShortTag() == "!!null" {
		return fmt.Sprintf(`a matrix value needs quotes: "{%s}"`, n.Content[0].Value)
	}
	return ""
}

// forgottenDash is a hint for a mapping, on lines of its own, where a list is
// wanted.
func forgottenDash(n *yaml.Node) string {
	if n.Kind != yaml.MappingNode || n.Style&yaml.FlowStyle != 0 || len(n.Content) == 0 {
		return ""
	}
	return "each item of a list begins with a dash: - " + n.Content[0].Value + ": …"
}

// checked makes a scalar of a string and of a function that says what is
// wrong with it.
func checked(what string, schema map[string]any, wrong func(string) error) scalar {
	return scalar{what: what, json: schema, parse: func(d *decoder, n *yaml.Node) any {
		if err := wrong(n.Value); err != nil {
			d.mistake(n, "expected "+what, "%v", err)
			return nil
		}
		return n.Value
	}}
}

func stringSchema(examples ...any) map[string]any {
	s := map[string]any{"type": "string"}
	if len(examples) > 0 {
		s["examples"] = examples
	}
	return s
}

// anyText is a value kept as it is written, number or not.
var anyText = scalar{what: "text", json: map[string]any{"type": []string{"string", "number", "boolean"}},
	parse: func(d *decoder, n *yaml.Node) any { return n.Value }}

// sentence is text on one line.
var sentence = checked("text on one line", stringSchema(), func(s string) error {
	if strings.ContainsAny(s, "\r\n") {
		return fmt.Errorf("this has more than one line")
	}
	return nil
})

// integer is a whole number from lo to hi.
func integer(lo, hi int) scalar {
	what := fmt.Sprintf("a whole number from %d to %d", lo, hi)
	return scalar{what: what, json: map[string]any{"type": "integer", "minimum": lo, "maximum": hi},
		parse: func(d *decoder, n *yaml.Node) any {
			v, err := strconv.Atoi(n.Value)
			if err != nil || n.ShortTag() != "!!int" || v < lo || v > hi {
				d.mistake(n, "", "expected %s, not %s", what, describe(n))
				return nil
			}
			return v
		}}
}

// fraction is a share above 0 and at most 1: 0.01 or 1%.
var fraction = scalar{what: "a fraction above 0 and at most 1, such as 0.01 or 1%",
	json: map[string]any{"anyOf": []any{
		map[string]any{"type": "number", "exclusiveMinimum": 0, "maximum": 1},
		map[string]any{"type": "string", "pattern": `^[0-9.]+ *%$`, "examples": []any{"1%"}}}},
	parse: func(d *decoder, n *yaml.Node) any {
		v, dimension, err := check.ParseQuantity(n.Value)
		if err != nil || dimension != check.Number && dimension != check.Share || !(v > 0 && v <= 1) {
			d.mistake(n, "", "expected a fraction above 0 and at most 1, such as 0.01 or 1%%, not %s", describe(n))
			return nil
		}
		return v
	}}

// boolean is true or false.
var boolean = scalar{what: "true or false", json: map[string]any{"type": "boolean"},
	parse: func(d *decoder, n *yaml.Node) any {
		if n.ShortTag() != "!!bool" || (n.Value != "true" && n.Value != "false") {
			d.mistake(n, "", "expected true or false, not %s", describe(n))
			return nil
		}
		return n.Value == "true"
	}}

// yes is true, for keys that say all by being there.
var yes = scalar{what: "true", json: map[string]any{"const": true},
	parse: func(d *decoder, n *yaml.Node) any {
		if n.Value != "true" {
			d.mistake(n, "leave the key out to say the opposite", "expected true, not %s", describe(n))
			return nil
		}
		return true
	}}

// duration is a time span from lo to hi.
func duration(lo, hi time.Duration) scalar {
	what := "a duration, such as 500ms, 30s or 2m"
	return scalar{what: what, json: map[string]any{"type": "string", "pattern": durationPattern, "examples": []any{"30s"}},
		parse: func(d *decoder, n *yaml.Node) any {
			v, err := time.ParseDuration(n.Value)
			switch {
			case err != nil && regexp.MustCompile(`^[0-9.]+$`).MatchString(n.Value):
				d.mistake(n, fmt.Sprintf("write %ss", n.Value), "the duration %s has no unit", n.Value)
			case err != nil:
				d.mistake(n, "", "expected %s, not %s", what, describe(n))
			case v < lo || v > hi:
				d.mistake(n, "", "the duration %s is not between %s and %s", n.Value, lo, hi)
			default:
				return v.String()
			}
			return nil
		}}
}

const durationPattern = `^([0-9]+(\.[0-9]*)?(ns|us|µs|ms|s|m|h))+$`

// bound is a comparison in one of the dimensions.
func bound(dimensions ...check.Dimension) scalar {
	examples := map[check.Dimension]any{check.Number: ">= 2", check.Share: "< 0.1%", check.Time: "< 200ms",
		check.FrameRate: ">= 1000fps", check.BitRate: ">= 10Mbps"}
	var some []any
	for _, dim := range dimensions {
		some = append(some, examples[dim])
	}
	what := fmt.Sprintf("a comparison, such as %q", some[0])
	return scalar{what: what, json: map[string]any{"type": []string{"string", "number"}, "examples": some},
		parse: func(d *decoder, n *yaml.Node) any {
			b := check.Bound(strings.Join(strings.Fields(n.Value), " "))
			if err := b.Check(dimensions...); err != nil {
				d.mistake(n, unitHint(err, "write "+what, dimensions...), "%v", err)
				return nil
			}
			if b.HitsTime() {
				value := strings.TrimLeft(string(b), "= ")
				d.mistake(n, fmt.Sprintf("write %q or %q", "< "+value, ">= "+value), "no time that is measured is exactly %s", value)
				return nil
			}
			return string(b)
		}}
}

// unitHint suggests a unit if that is what is wrong, or else what is given.
func unitHint(err error, otherwise string, dimensions ...check.Dimension) string {
	var unit *check.UnitError
	if !errors.As(err, &unit) {
		return otherwise
	}
	names := check.Units(dimensions...)
	if near := nearest(unit.Unit, names); near != "" {
		return "did you mean " + near + "?"
	}
	return "units are " + listed(names)
}

// synonyms are other tools' words for Junos's.
var synonyms = map[string]string{"connected": "direct", "is-is": "isis", "ospfv3": "ospf3", "ibgp": "bgp", "ebgp": "bgp"}

// oneOf is one word of a few.
func oneOf(words ...string) scalar {
	what := alternatives(words)
	return scalar{what: what, json: map[string]any{"enum": words},
		parse: func(d *decoder, n *yaml.Node) any {
			word := strings.ToLower(n.Value)
			if slices.Contains(words, word) {
				return word
			}
			near := synonyms[word]
			if !slices.Contains(words, near) {
				near = nearest(word, words)
			}
			hint := ""
			if near != "" {
				hint = "did you mean " + near + "?"
			}
			d.mistake(n, hint, "expected %s, not %s", what, describe(n))
			return nil
		}}
}

// wholeNumber is one whole number of a few.
func wholeNumber(values ...int) scalar {
	var words []string
	for _, v := range values {
		words = append(words, strconv.Itoa(v))
	}
	what := alternatives(words)
	return scalar{what: what, json: map[string]any{"enum": values},
		parse: func(d *decoder, n *yaml.Node) any {
			v, err := strconv.Atoi(n.Value)
			if err != nil || !slices.Contains(values, v) {
				d.mistake(n, "", "expected %s, not %s", what, describe(n))
				return nil
			}
			return v
		}}
}

// A list is a sequence with at least min items. With single, one item may
// stand without brackets.
type list struct {
	of     valueType
	min    int
	single bool
}

func (l list) read(d *decoder, n *yaml.Node) any {
	items := n.Content
	switch {
	case n.Kind == yaml.ScalarNode && l.single:
		items = []*yaml.Node{n}
	case n.Kind != yaml.SequenceNode:
		d.mistake(n, cmp.Or(forgottenQuotes(n), forgottenDash(n)), "expected a list, not %s", describe(n))
		return nil
	case len(items) < l.min:
		d.mistake(n, "", "this list is empty")
		return nil
	}
	values := make([]any, 0, len(items))
	for _, item := range items {
		if v := l.of.read(d, item); v != nil {
			values = append(values, v)
		}
	}
	return values
}

func (l list) schema(w *schemaWriter) map[string]any {
	item := l.of.schema(w)
	array := map[string]any{"type": "array", "items": item}
	if l.min > 0 {
		array["minItems"] = l.min
	}
	if l.single {
		return map[string]any{"anyOf": []any{item, array}}
	}
	return array
}
