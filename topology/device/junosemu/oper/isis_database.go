package oper

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// askISIS asks isisd for an answer of which the JSON lacks parts.
func (r *Router) askISIS(ctx context.Context, command string) (string, error) {
	if !r.configured("isisd") {
		return "", &inactiveError{isisOff}
	}
	out, err := r.Sensor.FRR(ctx, "isisd", command)
	if errors.Is(err, junosemu.ErrNotRunning) {
		return "", &inactiveError{isisOff}
	}
	return string(out), err
}

// The lines of "show isis database detail". In its JSON a later LSP overwrites
// an earlier one.
var (
	isisLevelLine = regexp.MustCompile(`^IS-IS Level-([12]) link-state database:`)
	isisLSPLine   = regexp.MustCompile(`^(\S+)\s+(\*?)\s+\d+\s+0x([0-9a-f]+)\s+0x([0-9a-f]+)\s+\(?(\d+)\)?\s+(\d)/(\d)/(\d)`)
	isisReachLine = regexp.MustCompile(`^\s+(?:MT )?(Extended Reachability|Reachability|Extended IP Reachability|IP Reachability|IPv4 Reachability|IPv6 Reachability): (\S+) \(Metric: (\d+)\)`)
)

// isisDatabase answers get-isis-database-information.
func (r *Router) isisDatabase(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	text, err := r.askISIS(ctx, "show isis database detail")
	if err != nil {
		return nil, err
	}
	names, err := r.isisNames(ctx)
	if err != nil {
		return nil, err
	}
	reply := information("isis-database-information", "junos-routing")
	how := style(rpc)
	var level, lsp *xmltree.Element
	for line := range strings.Lines(text) {
		if m := isisLevelLine.FindStringSubmatch(line); m != nil {
			level = xmltree.New("isis-database").Leaf("level", m[1])
			reply.Add(level)
		} else if m := isisLSPLine.FindStringSubmatch(line); m != nil && level != nil {
			lsp = lspElement(m, level.Value("level"))
			if want := rpc.Value("system-id"); want == "" || strings.HasPrefix(m[1], want) {
				level.Add(lsp)
			}
		} else if m := isisReachLine.FindStringSubmatch(line); m != nil && lsp != nil && (how == "detail" || how == "extensive") {
			lsp.Add(reachElement(m, names))
		}
	}
	return reply, nil
}

// lspElement is an LSP without what it holds. A level-2 router is on both
// levels unless it says otherwise, which FRR does not show.
func lspElement(m []string, level string) *xmltree.Element {
	attributes := "L1"
	if level == "2" {
		attributes = "L1 L2"
	}
	for i, name := range []string{"Attached", "", "Overload"} {
		if name != "" && m[6+i] == "1" {
			attributes += " " + name
		}
	}
	return xmltree.New("isis-database-entry").
		Leaf("lsp-id", m[1]).
		Leaf("sequence-number", "0x"+trimZeros(m[3])).
		Leaf("checksum", "0x"+m[4]).
		Leaf("remaining-lifetime", m[5]).
		Leaf("isis-attributes", attributes)
}

func trimZeros(hex string) string {
	if short := strings.TrimLeft(hex, "0"); short != "" {
		return short
	}
	return "0"
}

// reachElement is a neighbor or a prefix of an LSP.
func reachElement(m []string, names map[string]string) *xmltree.Element {
	if strings.HasSuffix(m[1], "Reachability") && strings.Count(m[2], ".") == 3 && !strings.Contains(m[2], "/") {
		system, circuit, _ := cutLast(m[2], ".")
		if name := names[system]; name != "" {
			system = name
		}
		return xmltree.New("isis-neighbor").Leaf("is-neighbor-id", system+"."+circuit).Leaf("metric", m[3])
	}
	protocol := "IP"
	if strings.Contains(m[2], ":") {
		protocol = "V6"
	}
	return xmltree.New("isis-prefix").Leaf("protocol-name", protocol).Leaf("address-prefix", m[2]).
		Leaf("metric", m[3]).Leaf("prefix-status", "up")
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

func isisDatabaseText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for i, l := range reply.All("isis-database") {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "IS-IS level %s link-state database:\n", l.Value("level"))
		lsps := l.All("isis-database-entry")
		detailed := false
		for _, e := range lsps {
			detailed = detailed || e.Has("isis-neighbor") || e.Has("isis-prefix")
		}
		if !detailed {
			fmt.Fprintf(&b, "%-22s %13s %8s %8s Attributes\n", "LSP ID", "Sequence", "Checksum", "Lifetime")
		}
		for _, e := range lsps {
			if !detailed {
				fmt.Fprintf(&b, "%-22s %13s %8s %8s %s\n", e.Value("lsp-id"), e.Value("sequence-number"), e.Value("checksum"),
					e.Value("remaining-lifetime"), e.Value("isis-attributes"))
				continue
			}
			fmt.Fprintf(&b, "\n%s Sequence: %s, Checksum: %s, Lifetime: %s secs\n", e.Value("lsp-id"), e.Value("sequence-number"),
				e.Value("checksum"), e.Value("remaining-lifetime"))
			for _, n := range e.All("isis-neighbor") {
				fmt.Fprintf(&b, "   IS neighbor: %-28s Metric: %8s\n", n.Value("is-neighbor-id"), n.Value("metric"))
			}
			for _, p := range e.All("isis-prefix") {
				fmt.Fprintf(&b, "   %s prefix: %-30s Metric: %8s\n", p.Value("protocol-name"), p.Value("address-prefix"), p.Value("metric"))
			}
		}
		if !detailed {
			fmt.Fprintf(&b, "  %d LSPs\n", len(lsps))
		}
	}
	return b.String()
}

// isisNameLine is a line of "show isis hostname": the level (a star for the
// router itself), the system and its name.
var isisNameLine = regexp.MustCompile(`^\s*([12*])\s+([0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})\s+(\S+)`)

// isisNames are the names of systems by their IDs.
func (r *Router) isisNames(ctx context.Context) (map[string]string, error) {
	names := map[string]string{}
	text, err := r.askISIS(ctx, "show isis hostname")
	for line := range strings.Lines(text) {
		if m := isisNameLine.FindStringSubmatch(line); m != nil {
			names[m[2]] = m[3]
		}
	}
	return names, err
}

// isisHostnames answers get-isis-hostname-information.
func (r *Router) isisHostnames(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	text, err := r.askISIS(ctx, "show isis hostname")
	if err != nil {
		return nil, err
	}
	reply := information("isis-hostname-information", "junos-routing")
	for line := range strings.Lines(text) {
		m := isisNameLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		kind := "Dynamic"
		if m[1] == "*" {
			kind = "Static"
		}
		reply.Add(xmltree.New("isis-hostname").Leaf("system-id", m[2]).Leaf("system-name", m[3]).Leaf("type", kind))
	}
	return reply, nil
}

func isisHostnamesText(_, reply *xmltree.Element) string {
	var b strings.Builder
	fmt.Fprintf(&b, "IS-IS hostname database:\n%-14s %-48s Type\n", "System ID", "Hostname")
	for _, h := range reply.All("isis-hostname") {
		fmt.Fprintf(&b, "%-14s %-48s %s\n", h.Value("system-id"), h.Value("system-name"), h.Value("type"))
	}
	return b.String()
}

// isisLevel1 are the destinations that the routes of level 1 lead to. zebra
// does not tell levels apart, and Junos has a preference for each.
func (r *Router) isisLevel1(ctx context.Context) (map[string]bool, error) {
	if !r.configured("isisd") {
		return nil, nil
	}
	text, err := r.askISIS(ctx, "show isis route level-1")
	var off *inactiveError
	if errors.As(err, &off) {
		return nil, nil
	}
	found := map[string]bool{}
	for line := range strings.Lines(text) {
		if words := strings.Fields(line); len(words) > 2 && strings.Contains(words[0], "/") {
			if _, err := strconv.Atoi(words[1]); err == nil {
				found[words[0]] = true
			}
		}
	}
	return found, err
}
