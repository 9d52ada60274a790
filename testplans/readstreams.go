package testplans

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/ccl-lab/ccl/trafficgen"
)

// ReadStreams reads streams as a plan has them under its key streams: names
// and what each is, in the order of the names. Ports are not looked up in any
// topology: each is the Node of a PortID, as written. If anything is wrong the
// error is Mistakes, whose positions are in source.
func ReadStreams(source string, data []byte) ([]trafficgen.Stream, error) {
	d := &decoder{file: source, document: "list of streams", read: map[string]readStream{}}
	var read any
	if root := d.parse(data); root != nil {
		read = streamTable{}.read(d, root)
	}
	if len(d.mistakes) > 0 {
		return nil, d.mistakes.sorted()
	}
	streams, ok := read.(map[string]trafficgen.Stream)
	if !ok || len(streams) == 0 {
		return nil, fmt.Errorf("%s: there is no stream in it", source)
	}
	return slices.SortedFunc(maps.Values(streams), func(a, b trafficgen.Stream) int { return cmp.Compare(a.Name, b.Name) }), nil
}
