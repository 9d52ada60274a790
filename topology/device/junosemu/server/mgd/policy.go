package mgd

import (
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// policies answers get-policy-information: the names of the policies of the
// running configuration, or the terms of one. Junos has no elements for them.
func (s *Session) policies(rpc *xmltree.Element) (*xmltree.Element, error) {
	running := s.Store().Running().Effective()
	name := rpc.Value("policy-name")
	if name == "" {
		names := []string{"Configured policies:"}
		for _, p := range running.Root().Lookup("policy-options").Children("policy-statement") {
			names = append(names, p.Key())
		}
		return xmltree.Leaf("output", strings.Join(names, "\n")), nil
	}
	path := []string{"policy-options", "policy-statement", name}
	if !running.Root().Has(path...) {
		return nil, &oper.Refusal{Message: "Policy " + name + " not found"}
	}
	commands, err := running.Set(path...)
	if err != nil {
		return nil, err
	}
	return xmltree.Leaf("output", "Policy "+name+":\n"+strings.TrimSuffix(policyTerms(commands, path), "\n")), nil
}

// policyTerms prints the set commands of a policy by its terms: what is below a
// term is indented by its heading. What is in none is the last, unnamed one.
func policyTerms(commands string, path []string) string {
	var b strings.Builder
	last := ""
	for command := range strings.Lines(commands) {
		words := strings.Fields(command)
		if len(words) <= 1+len(path) || words[0] != "set" {
			continue
		}
		words = words[1+len(path):]
		term := "unnamed"
		if words[0] == "term" && len(words) > 2 {
			term, words = words[1], words[2:]
		}
		if term != last {
			fmt.Fprintf(&b, "    Term %s:\n", term)
			last = term
		}
		fmt.Fprintf(&b, "        %s\n", strings.Join(words, " "))
	}
	return b.String()
}
