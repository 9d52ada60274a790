package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// maxMembers is how many interfaces a member statement may stand for: more
// than any router has, and few enough for hostile text.
const maxMembers = 4096

// lastWildcard is what * stands for in a member statement: interfaces 0
// through 47, whatever the router has.
const lastWildcard = 47

// expandRanges gives the members of interface ranges what the ranges say, as
// if it had been written for each. What a member says itself stays; of several
// ranges the first one wins.
func (b *budget) expandRanges(root *Node) {
	interfaces := root.Child("interfaces")
	if interfaces == nil {
		return
	}
	d := interfaces.def.sub.element("interface")
	for _, r := range interfaces.Children("interface-range") {
		if r.inactive {
			continue
		}
		from := origin{span: r.Key()}
		for _, name := range members(r) {
			member := interfaces.find(d, []string{name})
			if member == nil && !b.spend() {
				return
			}
			if member == nil {
				member = &Node{def: d, parent: interfaces, keys: []string{name}, origin: &from}
				interfaces.insert(member)
			}
			if !member.inactive {
				b.underlay(member, r, from)
			}
		}
	}
}

// underlay adds to n what from says and n does not.
func (b *budget) underlay(n, from *Node, o origin) {
	for _, k := range from.kids {
		d := n.def.sub.element(k.def.name)
		if d == nil || k.inactive || n.excludes(d) {
			continue // member statements, among others
		}
		have := n.find(d, k.keys)
		switch {
		case !b.spend():
			return
		case have == nil:
			c := &Node{def: d, parent: n, keys: k.keys, values: slices.Clone(k.values), origin: &o}
			n.insert(c)
			b.underlay(c, k, o)
		case !isLeaf(have):
			b.underlay(have, k, o)
		}
	}
}

// members are the interfaces of a range in the order of its statements.
func members(r *Node) []string {
	var out []string
	for _, m := range r.Children("member") {
		if names, err := expandMember(m.Key()); err == nil && !m.inactive {
			out = append(out, names...)
		}
	}
	for _, m := range r.Children("member-range") {
		if names, err := spanMembers(m.Key(), m.Value("end-range")); err == nil && !m.inactive {
			out = append(out, names...)
		}
	}
	return out
}

// expandMember lists what a member statement names: ge-0/0/1, ge-0/0/[1-3,7]
// or ge-0/0/*.
func expandMember(pattern string) ([]string, error) {
	open := strings.IndexAny(pattern, "*[")
	if open < 0 {
		return []string{pattern}, nil
	}
	set, rest := "0-"+strconv.Itoa(lastWildcard), pattern[open+1:]
	if pattern[open] == '[' {
		inside, after, ok := strings.Cut(rest, "]")
		if !ok {
			return nil, fmt.Errorf("missing ] in %q", pattern)
		}
		set, rest = inside, after
	}
	numbers, err := numberSet(set)
	if err != nil {
		return nil, err
	}
	tails, err := expandMember(rest)
	if err != nil {
		return nil, err
	}
	if len(numbers)*len(tails) > maxMembers {
		return nil, fmt.Errorf("%q is more than %d interfaces", pattern, maxMembers)
	}
	var out []string
	for _, n := range numbers {
		for _, tail := range tails {
			out = append(out, pattern[:open]+strconv.Itoa(n)+tail)
		}
	}
	return out, nil
}

// numberSet reads 1-3,7.
func numberSet(text string) ([]int, error) {
	var out []int
	for _, part := range strings.Split(text, ",") {
		low, high, ok := strings.Cut(strings.TrimSpace(part), "-")
		if !ok {
			high = low
		}
		from, err1 := strconv.Atoi(low)
		to, err2 := strconv.Atoi(high)
		if err1 != nil || err2 != nil || from < 0 || to < from || to-from >= maxMembers {
			return nil, fmt.Errorf("%q is no range of numbers", part)
		}
		for n := from; n <= to; n++ {
			out = append(out, n)
		}
		if len(out) > maxMembers {
			return nil, fmt.Errorf("%q is more than %d numbers", text, maxMembers)
		}
	}
	return out, nil
}

// spanMembers lists the interfaces from ge-0/0/0 to ge-0/1/3: those whose
// every number lies between the two.
func spanMembers(first, last string) ([]string, error) {
	kind, from, ok1 := strings.Cut(first, "-")
	kind2, to, ok2 := strings.Cut(last, "-")
	low, high := strings.Split(from, "/"), strings.Split(to, "/")
	if !ok1 || !ok2 || kind != kind2 || len(low) != len(high) {
		return nil, fmt.Errorf("%s and %s are not of one kind", first, last)
	}
	pattern := kind + "-"
	for i := range low {
		if i > 0 {
			pattern += "/"
		}
		pattern += "[" + low[i] + "-" + high[i] + "]"
	}
	return expandMember(pattern)
}

// checkMember is what is wrong with the name of a member, or "".
func checkMember(v string) string {
	if _, err := expandMember(v); err != nil || !strings.Contains(v, "-") {
		return fmt.Sprintf("invalid interface range: '%s'", v)
	}
	return ""
}
