package testplans

import (
	"maps"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A bidirectional stream is two: its own, and the way back. Steps that name it
// are written out for both when the plan is read, so that all that follows
// knows streams of one direction only.

// reverseSuffix ends the name of the way back.
const reverseSuffix = "-reverse"

// reversed is the way back of a stream: ports and addresses change places.
func reversed(s trafficgen.Stream) trafficgen.Stream {
	s.Name += reverseSuffix
	s.From, s.To = s.To, s.From
	s.Src, s.Dst = s.Dst, s.Src
	if s.Flows <= 1 && (s.SrcPort != 0 || s.DstPort != 0) { // flows step at the source, whichever way
		sport, dport := s.SrcPort, s.DstPort
		if sport == 0 {
			sport = defaultSourcePort
		}
		if dport == 0 {
			dport = defaultDestinationPort
		}
		s.SrcPort, s.DstPort = dport, sport
	}
	layers := s.Layers
	s.Layers = nil
	for _, l := range layers {
		fields := maps.Clone(l.Fields)
		for _, pair := range [][2]string{{"src", "dst"}, {"sport", "dport"}, {"sender", "target"}, {"sender-mac", "target-mac"}} {
			a, hasA := l.Fields[pair[0]]
			b, hasB := l.Fields[pair[1]]
			if delete(fields, pair[0]); hasB {
				fields[pair[0]] = b
			}
			if delete(fields, pair[1]); hasA {
				fields[pair[1]] = a
			}
		}
		s.Layers = append(s.Layers, trafficgen.Layer{Kind: l.Kind, Fields: fields})
	}
	return s
}

// bothWays writes steps out for both directions of the streams that have them.
func (d *decoder) bothWays(p *Plan) {
	if len(d.pairs) == 0 {
		return
	}
	for i := range p.Cases {
		c := &p.Cases[i]
		for _, steps := range []*[]Step{&c.Setup, &c.Steps, &c.Teardown} {
			var all []Step
			for _, s := range *steps {
				all = append(all, d.directions(s)...)
			}
			*steps = all
		}
	}
}

// directions is a step, with one for the way back beside it.
func (d *decoder) directions(s Step) []Step {
	back := s
	if back.Title != "" {
		back.Title += " (reverse)"
	}
	switch {
	case s.Converge != nil:
		c := *s.Converge
		if names := d.withReverse(c.Names()); len(names) > 1 {
			c.Stream, c.Streams = "", names
		}
		s.Converge = &c
	case s.Benchmark != nil: // offered together
		b := *s.Benchmark
		b.Streams = d.withReverse(b.Streams)
		s.Benchmark = &b
	case s.Capture != nil:
		c := *s.Capture
		c.AroundLoss = d.withReverse(c.AroundLoss)
		s.Capture = &c
	case s.Traffic == nil:
	case d.pairs[s.Traffic.Start]:
		back.Traffic = &Traffic{Start: s.Traffic.Start + reverseSuffix}
		return []Step{s, back}
	case d.pairs[s.Traffic.Stop]:
		t := *s.Traffic
		t.Stop += reverseSuffix
		back.Traffic = &t
		return []Step{s, back}
	case d.pairs[s.Traffic.Run]: // the way back begins before and ends after
		name := s.Traffic.Run + reverseSuffix
		begin, end := back, back
		begin.Traffic = &Traffic{Start: name}
		t := *s.Traffic
		t.Run, t.Stop, t.Duration = "", name, 0
		end.Traffic = &t
		return []Step{begin, s, end}
	}
	return []Step{s}
}

// withReverse adds the ways back to names of streams.
func (d *decoder) withReverse(names []string) (all []string) {
	for _, name := range names {
		if all = append(all, name); d.pairs[name] {
			all = append(all, name+reverseSuffix)
		}
	}
	return all
}

// entryKey is the node of a mapping's key, nil if it has none.
func entryKey(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i]
		}
	}
	return nil
}
