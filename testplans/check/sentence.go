package check

import (
	"fmt"
	"regexp"
	"strings"
)

// String names the nodes as a person would: "r1", "r1 and r2", "r1, r2 and
// r3", "r1, r2, r3 and 9 more nodes".
func (n Nodes) String() string {
	const most = 5
	names := []string(n)
	if len(names) > most {
		names = append(append([]string{}, names[:most-1]...), fmt.Sprintf("%d more nodes", len(names)-most+1))
	}
	return conjoined(names)
}

// conjoined joins words with commas and a final "and".
func conjoined(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// verb is the singular or the plural for the nodes.
func (n Nodes) verb(singular, plural string) string {
	if len(n) == 1 {
		return singular
	}
	return plural
}

func (b *BGP) sentence() string {
	received := ""
	if b.Received != "" {
		received = fmt.Sprintf("%s %s", b.Received.Words(), plural(b.Received, b.family()+" prefix"))
	}
	switch {
	case b.Neighbor != "" && b.Count == "":
		s := fmt.Sprintf("the BGP session of %s with %s is %s", b.Nodes, b.Neighbor, b.wantState())
		if received != "" {
			s += " and has received " + received
		}
		return s
	case b.Count == "":
		s := fmt.Sprintf("every BGP session of %s is %s", b.Nodes, b.wantState())
		if received != "" {
			s += " and has received " + received
		}
		return s
	}
	s := fmt.Sprintf("%s %s %s in state %s", b.Nodes.have(), b.Count.Words(), plural(b.Count, "BGP session"), b.wantState())
	if b.Neighbor != "" {
		s += " with " + b.Neighbor
	}
	if received != "" {
		s += ", each with " + received + " received"
	}
	return s
}

// have is the nodes with their verb: "r1 has", "r1 and r2 each have".
func (n Nodes) have() string {
	if len(n) == 1 {
		return n[0] + " has"
	}
	return n.String() + " each have"
}

// plural is the noun for the bound's number.
func plural(b Bound, noun string) string {
	if w := b.Words(); w == "1" || strings.HasSuffix(w, " 1") {
		return noun
	}
	return plurals(noun)
}

func plurals(noun string) string {
	if stem, ok := strings.CutSuffix(noun, "cy"); ok {
		return stem + "cies"
	}
	if strings.HasSuffix(noun, "x") {
		return noun + "es"
	}
	return noun + "s"
}

func (r *Route) sentence() string {
	var s string
	if r.Absent {
		s = fmt.Sprintf("%s %s no%s route to %s", r.Nodes, r.Nodes.verb("has", "have"), spaced(r.protocolWord()), r.Prefix)
	} else {
		s = fmt.Sprintf("%s %s %s", r.Nodes, r.Nodes.verb("reaches", "reach"), r.Prefix)
		if r.Protocol != "" {
			s += " by " + r.protocolWord()
		}
	}
	if r.NextHop != "" {
		s += " through " + r.NextHop
	}
	if r.Via != "" {
		s += " out of " + r.Via
	}
	if r.Table != "" {
		s += " in " + r.Table
	}
	return s + r.attributes()
}

// attributes are the attributes asked for, as " with …".
func (r *Route) attributes() string {
	var with []string
	if r.LocalPref != "" {
		with = append(with, "local preference "+r.LocalPref.Words())
	}
	if r.Metric != "" {
		with = append(with, "metric "+r.Metric.Words())
	}
	if r.ASPath != "" {
		with = append(with, "AS path /"+r.ASPath+"/")
	}
	if r.Community != "" {
		with = append(with, "community "+r.Community)
	}
	if len(with) == 0 {
		return ""
	}
	return " with " + conjoined(with)
}

func spaced(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

// protocolWord is the protocol as it is written in prose.
func (r *Route) protocolWord() string {
	switch r.Protocol {
	case "isis":
		return "IS-IS"
	case "ospf3":
		return "OSPFv3"
	case "aggregate", "direct", "local", "static", "access-internal":
		return strings.ToUpper(r.Protocol[:1]) + r.Protocol[1:]
	}
	return strings.ToUpper(r.Protocol)
}

func (i *Interface) sentence() string {
	s := fmt.Sprintf("interface %s on %s is %s", i.Name, i.Nodes, i.wantState())
	var with []string
	if i.MTU != "" {
		with = append(with, "MTU "+i.MTU.Words())
	}
	if i.Errors != "" {
		with = append(with, i.Errors.Words()+" "+plural(i.Errors, "error"))
	}
	if i.Address != "" {
		with = append(with, "address "+i.Address)
	}
	if len(with) > 0 {
		s += " with " + conjoined(with)
	}
	return s
}

func (v *Version) sentence() string {
	var wants []string
	if v.Release != "" {
		wants = append(wants, v.Nodes.verb("runs", "run")+" a release that matches /"+v.Release+"/")
	}
	if v.Model != "" {
		wants = append(wants, v.Nodes.verb("is", "are")+" of a model that matches /"+v.Model+"/")
	}
	return fmt.Sprintf("%s %s", v.Nodes, conjoined(wants))
}

func (c *Config) sentence() string {
	var wants []string
	if len(c.Contains) > 0 {
		wants = append(wants, "contains "+andMore(c.Contains))
	}
	if len(c.Lacks) > 0 {
		wants = append(wants, "lacks "+andMore(c.Lacks))
	}
	return fmt.Sprintf("the configuration of %s %s", c.Nodes, conjoined(wants))
}

// andMore is the first of several statements, quoted, and how many follow.
func andMore(statements []string) string {
	s := fmt.Sprintf("%q", Shorten(statements[0], 100))
	if n := len(statements) - 1; n > 0 {
		s += fmt.Sprintf(" and %d more", n)
	}
	return s
}

func (r *RPC) sentence() string {
	return fmt.Sprintf("%s in %s on %s %s", r.selected(), r.element(), r.Nodes, r.Test.sentence())
}

var lastElement = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_-]*)(\[[^\[\]]*\])?(/text\(\))?$`)

// selected is the element that the XPath ends in, or all of the XPath if it
// does not end in one.
func (r *RPC) selected() string {
	if m := lastElement.FindStringSubmatch(strings.TrimSpace(r.XPath)); m != nil {
		return m[1]
	}
	return Shorten(strings.TrimSpace(r.XPath), 80)
}

func (c *Command) sentence() string {
	if c.Test.Op == "" {
		return fmt.Sprintf("the output of %q on %s matches /%s/", c.Run, c.Nodes, c.Matches)
	}
	return fmt.Sprintf("%s on %s %s", c.subject(), c.Nodes, c.Test.sentence())
}

// sentence is the test as the end of a sentence: "is 50", "exists".
func (t Test) sentence() string {
	op, err := t.operator()
	if t.Op == "" || err != nil {
		return "is present"
	}
	switch t.Op {
	case "exists":
		return "is present"
	case "not-exists":
		return "is absent"
	case "contains":
		return fmt.Sprintf("contains %q", t.Args[0])
	case "not-contains":
		return fmt.Sprintf("lacks %q", t.Args[0])
	case "regex":
		return fmt.Sprintf("matches /%s/", t.Args[0])
	case "all-same":
		return "is the same everywhere"
	case "count":
		return "appears " + Bound(t.Args[0]).Words() + " times"
	}
	return "is " + op.words(t.Args)
}

// Shorten cuts text to a number of characters, the last of them "…".
func Shorten(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return strings.TrimRight(string(r[:most-1]), " ,") + "…"
}
