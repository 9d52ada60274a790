package check

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/antchfx/xmlquery"
)

func (i *Interface) wantState() string {
	if i.State == "" {
		return "up"
	}
	return i.State
}

func (i *Interface) judge(c *court) {
	for _, q := range i.queries() {
		subject := "interface " + i.Name
		if c.noDevice(q, i.Name) {
			c.find(q, false, subject, i.wantState(), "no such interface")
			continue
		}
		doc, ok := c.document(q, "interface-information", subject, i.wantState())
		if !ok {
			continue
		}
		n := findInterface(doc, i.Name)
		if n == nil {
			c.find(q, false, subject, i.wantState(), "no such interface")
			continue
		}
		switch {
		case strings.HasSuffix(q.ID, "interface-terse"):
			c.ifaceState(q, i, n)
			c.ifaceAddress(q, i, n)
		case strings.HasSuffix(q.ID, "interface-extensive"):
			c.ifaceErrors(q, i, n)
		default:
			c.ifaceMTU(q, i, n)
		}
	}
}

// noDevice reports whether the device answered that it has no such interface,
// which Junos says with an error.
func (c *court) noDevice(q Query, name string) bool {
	return slices.ContainsFunc(c.evidence, func(e Evidence) bool {
		return e.ID == q.ID && e.Node == q.Node && strings.Contains(e.Problem, "device "+name+" not found")
	})
}

// findInterface finds a physical interface or a unit by its name.
func findInterface(doc *xmlquery.Node, name string) *xmlquery.Node {
	element := "physical-interface"
	if strings.Contains(name, ".") {
		element = "logical-interface"
	}
	for _, n := range xmlquery.Find(doc, "//"+element) {
		if child(n, "name") == name {
			return n
		}
	}
	return nil
}

func (c *court) ifaceState(q Query, i *Interface, n *xmlquery.Node) {
	admin, oper := child(n, "admin-status"), child(n, "oper-status")
	subject := "interface " + i.Name
	if admin == "" || oper == "" {
		c.add(q, Error, subject, i.wantState(), "a reply without its state")
		return
	}
	state := "down"
	if admin == "up" && oper == "up" {
		state = "up"
	}
	seen := state
	if admin != oper {
		seen = fmt.Sprintf("%s (configured %s, link %s)", state, admin, oper)
	}
	c.find(q, state == i.wantState(), subject, i.wantState(), seen)
}

func (c *court) ifaceAddress(q Query, i *Interface, n *xmlquery.Node) {
	if i.Address == "" {
		return
	}
	all := children(n, ".//interface-address/ifa-local")
	holds := slices.ContainsFunc(all, func(a string) bool { return sameInterfaceAddress(i.Address, a) })
	c.find(q, holds, "addresses of "+i.Name, i.Address, orNone(strings.Join(all, ", ")))
}

func (c *court) ifaceMTU(q Query, i *Interface, n *xmlquery.Node) {
	mtu := child(n, "mtu")
	if mtu == "" {
		mtu = child(n, "address-family/mtu") // units have one for each family
	}
	c.find(q, i.MTU.holdsText(mtu), "MTU of "+i.Name, i.MTU.Words(), orNone(mtu))
}

func (c *court) ifaceErrors(q Query, i *Interface, n *xmlquery.Node) {
	subject := "errors of " + i.Name
	in, errIn := strconv.ParseUint(child(n, "input-error-list/input-errors"), 10, 64)
	out, errOut := strconv.ParseUint(child(n, "output-error-list/output-errors"), 10, 64)
	if errIn != nil || errOut != nil {
		c.add(q, Error, subject, i.Errors.Words(), "a reply without error counters")
		return
	}
	c.find(q, i.Errors.Holds(float64(in)+float64(out)), subject, i.Errors.Words(), fmt.Sprintf("%d input, %d output", in, out))
}

var bracketedRelease = regexp.MustCompile(`\[([^\]]+)\]`)

func (v *Version) judge(c *court) {
	for _, q := range v.queries() {
		doc, ok := c.document(q, "software-information", "software", "a release")
		if !ok {
			continue
		}
		release := child(doc, "//software-information/junos-version")
		if m := bracketedRelease.FindStringSubmatch(child(doc, "//package-information/comment")); release == "" && m != nil {
			release = m[1] // before Junos 15.1
		}
		c.matchText(q, "release", v.Release, release)
		c.matchText(q, "model", v.Model, child(doc, "//software-information/product-model"))
	}
}

// matchText judges one text with a regular expression, if there is one.
func (c *court) matchText(q Query, subject, pattern, text string) {
	if pattern == "" {
		return
	}
	re, err := regexp.Compile(pattern)
	switch {
	case err != nil:
		c.add(q, Error, subject, "/"+pattern+"/", err.Error())
	case text == "":
		c.add(q, Error, subject, "a match of /"+pattern+"/", "a reply without it")
	default:
		c.find(q, re.MatchString(text), subject, "a match of /"+pattern+"/", text)
	}
}

func (cfg *Config) judge(c *court) {
	for _, q := range cfg.queries() {
		doc, ok := c.document(q, "configuration-set", "configuration", "to be readable in set form")
		if !ok {
			continue
		}
		lines := setLines(child(doc, "//configuration-set"))
		if len(lines) == 0 {
			c.add(q, Error, "configuration", "statements", "an empty configuration")
			continue
		}
		for _, want := range cfg.Contains {
			line, inactive := findStatement(lines, want)
			switch {
			case line != "" && inactive:
				c.find(q, false, "configuration", want, "it is there but deactivated")
			default:
				c.find(q, line != "", "configuration", want, seenLine(line))
			}
		}
		for _, unwanted := range cfg.Lacks {
			line, inactive := findStatement(lines, unwanted)
			c.find(q, line == "" || inactive, "configuration", "nothing under "+unwanted, seenLine(line))
		}
	}
}

func seenLine(line string) string {
	if line == "" {
		return "no such statement"
	}
	return line
}

// setLines are the lines of a configuration in set form, with single spaces.
func setLines(text string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// findStatement finds the first statement that is want or lies below it, and
// whether it or anything above it is deactivated.
func findStatement(lines []string, want string) (found string, inactive bool) {
	for _, line := range lines {
		if rest, ok := strings.CutPrefix(line, "set "); ok && found == "" && isBelow(rest, want) {
			found = rest
		}
		if rest, ok := strings.CutPrefix(line, "deactivate "); ok && isBelow(want, rest) {
			inactive = true
		}
	}
	return found, inactive
}

// isBelow reports whether a statement is another one or begins with its words.
func isBelow(statement, above string) bool {
	return statement == above || strings.HasPrefix(statement, above+" ")
}
