package oper

import (
	"os"
	"strings"
	"testing"
)

// FuzzTables reads tables of FRR and the kernel that are cut off or garbled:
// whatever they are, reading them ends, and makes up no row.
func FuzzTables(f *testing.F) {
	for _, file := range []string{"isisd/show_isis_route", "isisd/show_isis_topology"} {
		text, err := os.ReadFile("testdata/frr/" + file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("Ip: A B\nIp: 1 2\nIp6In 3\n")
	f.Add("tcp ESTAB 0 0 10.0.0.1:179 [::1]:5\n")
	f.Fuzz(func(t *testing.T, text string) {
		rows := strings.Count(text, "\n") + 1
		if n := len(readISISRoutes(text)); n > rows {
			t.Errorf("%d routes in %d lines", n, rows)
		}
		vertices := 0
		for _, tree := range readISISTopology(text) {
			vertices += len(tree.vertices)
		}
		if vertices > rows {
			t.Errorf("%d vertices in %d lines", vertices, rows)
		}
		if n := len(kernelCounters(text)); n > len(strings.Fields(text)) {
			t.Errorf("%d counters in %d words", n, len(strings.Fields(text)))
		}
		for line := range strings.Lines(text) {
			connection(strings.Fields(line))
		}
	})
}
