package server_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// large is a configuration of about n lines that a router could have: units,
// prefix lists, policies and neighbors.
func large(n int) string {
	var b strings.Builder
	b.WriteString("system {\n    host-name big;\n}\ninterfaces {\n    ge-0/0/0 {\n        vlan-tagging;\n")
	for i := range n / 40 {
		fmt.Fprintf(&b, "        unit %d {\n            description \"customer %d\";\n            vlan-id %d;\n            family inet {\n                address 10.%d.%d.1/24;\n            }\n        }\n", i+1, i, i+1, i/250, i%250)
	}
	b.WriteString("    }\n}\npolicy-options {\n    prefix-list customers {\n")
	for i := range n * 21 / 40 {
		fmt.Fprintf(&b, "        10.%d.%d.0/24;\n", i/250, i%250)
	}
	b.WriteString("    }\n    policy-statement out {\n")
	for i := range n / 40 {
		fmt.Fprintf(&b, "        term t%d {\n            from {\n                route-filter 10.%d.%d.0/24 orlonger;\n            }\n            then {\n                metric %d;\n                accept;\n            }\n        }\n", i, i/250, i%250, i+1)
	}
	b.WriteString("        then reject;\n    }\n}\nrouting-options {\n    autonomous-system 64500;\n}\nprotocols {\n    bgp {\n        group customers {\n            type external;\n            export out;\n")
	for i := range n / 40 {
		fmt.Fprintf(&b, "            neighbor 10.%d.%d.2 {\n                peer-as %d;\n            }\n", i/250, i%250, 64600+i)
	}
	b.WriteString("        }\n    }\n}\n")
	return b.String()
}

// heap is how many bytes are in use after a collection.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

const largeLines = 20_000

// loadLarge loads and commits the large configuration over NETCONF.
func loadLarge(b *testing.B, c *rawClient) {
	b.Helper()
	text := large(largeLines)
	if lines := strings.Count(text, "\n"); lines < largeLines {
		b.Fatalf("only %d lines", lines)
	}
	good(b, c, `<load-configuration action="override" format="text"><configuration-text>`+text+"</configuration-text></load-configuration>")
	good(b, c, "<commit-configuration/>")
}

func good(b *testing.B, c *rawClient, request string) string {
	b.Helper()
	got := c.rpc(request)
	if strings.Contains(got, "<error-severity>error") {
		b.Fatalf("%.200s: %.500s", request, got)
	}
	return got
}

// BenchmarkLargeLoad loads a configuration of 20,000 lines over NETCONF and
// commits it, on a data plane that takes no time; and shows what a router
// holds then.
func BenchmarkLargeLoad(b *testing.B) {
	r := newRig(b, "")
	c := r.raw()
	before := heap()
	for b.Loop() {
		loadLarge(b, c)
		good(b, c, `<load-configuration action="override" format="text"><configuration-text>system { host-name r1; }</configuration-text></load-configuration>`)
		good(b, c, "<commit-configuration/>")
	}
	loadLarge(b, c)
	b.ReportMetric((heap()-before)/(1<<20), "MB-held")
}

// BenchmarkLargeCommit changes one line of 20,000 and commits it, end to end:
// load, compare, commit over SSH.
func BenchmarkLargeCommit(b *testing.B) {
	c := newRig(b, "").raw()
	loadLarge(b, c)
	i := 0
	for b.Loop() {
		i++
		good(b, c, fmt.Sprintf(`<load-configuration action="set" format="text"><configuration-set>set system host-name r%d</configuration-set></load-configuration>`, i))
		good(b, c, `<get-configuration compare="rollback" rollback="0" format="text"/>`)
		good(b, c, "<commit-configuration/>")
	}
}

// BenchmarkLargeGet reads 20,000 lines in each format.
func BenchmarkLargeGet(b *testing.B) {
	c := newRig(b, "").raw()
	loadLarge(b, c)
	for _, format := range []string{"xml", "text", "set", "json"} {
		b.Run(format, func(b *testing.B) {
			for b.Loop() {
				if got := good(b, c, `<get-configuration format="`+format+`" database="committed"/>`); len(got) < 10*largeLines {
					b.Fatalf("only %d bytes", len(got))
				}
			}
		})
	}
}
