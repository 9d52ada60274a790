package testplans

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Frame sizes of a stream: one, several in turn or by weight, or an IMIX.

const (
	leastSize = 64
	mostSize  = 9216
)

var oneSize = integer(leastSize, mostSize)

// streamSizes reads size:.
type streamSizes struct{}

var weightedSize = &shape{
	name: "weighted-size",
	doc:  "A frame size and how often it occurs.",
	fields: []field{
		{key: "bytes", is: oneSize, required: true, doc: "Frame size in bytes, with FCS."},
		{key: "weight", is: integer(1, 1000), doc: "How often it occurs, compared with the others; 1 unless said."},
	},
}

func (streamSizes) read(d *decoder, n *yaml.Node) any {
	if n.Kind != yaml.SequenceNode {
		if size, ok := oneSize.read(d, n).(int); ok {
			return []int{size}
		}
		return nil
	}
	before := len(d.mistakes)
	var sizes, weights []int
	weighted := false
	for _, item := range n.Content {
		size, weight := 0, 1
		if item.Kind == yaml.MappingNode {
			o, _ := weightedSize.read(d, item).(map[string]any)
			size, _ = o["bytes"].(int)
			if w, ok := o["weight"].(int); ok {
				weight = w
			}
			weighted = true
		} else {
			size, _ = oneSize.read(d, item).(int)
		}
		sizes, weights = append(sizes, size), append(weights, weight)
	}
	switch {
	case len(d.mistakes) > before:
		return nil
	case len(sizes) == 0:
		d.mistake(n, "", "this list is empty")
		return nil
	case weighted:
		sizes = trafficgen.Weighted(sizes, weights)
	}
	return d.sizes(n, sizes)
}

func (streamSizes) schema(w *schemaWriter) map[string]any {
	one := oneSize.schema(w)
	return map[string]any{"anyOf": []any{one, map[string]any{"type": "array", "minItems": 1,
		"items": map[string]any{"anyOf": []any{one, weightedSize.schema(w)}}}}}
}

// sizes checks that a sequence of sizes can be sent.
func (d *decoder) sizes(n *yaml.Node, sizes []int) any {
	if len(sizes) > trafficgen.MaxCards {
		d.mistake(n, "", "%d frames until the sizes begin again are more than %d", len(sizes), trafficgen.MaxCards)
		return nil
	}
	if i := slices.IndexFunc(sizes, func(s int) bool { return s < leastSize || s > mostSize }); i >= 0 {
		d.mistake(n, "", "frames have %d to %d bytes, not %d", leastSize, mostSize, sizes[i])
		return nil
	}
	return sizes
}

// imix reads imix:, a name, a genome, or a genome with sizes of its own.
type imix struct{}

func (imix) read(d *decoder, n *yaml.Node) any {
	genome, own := n, map[string]int{}
	if n.Kind == yaml.MappingNode {
		before := len(d.mistakes)
		if genome = entry(n, "genome"); genome == nil {
			d.mistake(n, "such as {genome: aaAB, A: 70, B: 1400}", "this IMIX lacks its genome")
			return nil
		}
		d.entries(n, "imix", func(key, value *yaml.Node) {
			switch {
			case key.Value == "genome":
			case len(key.Value) != 1 || !strings.Contains("ABCDEFGHIJKLMNOPQRSTUVWXYZz", key.Value):
				d.mistake(key, "a capital letter, or z", "%q cannot be a letter of an IMIX genome with a size of its own", key.Value)
			default:
				own[key.Value], _ = oneSize.read(d, value).(int)
			}
		})
		if len(d.mistakes) > before {
			return nil
		}
	}
	if genome.Kind != yaml.ScalarNode {
		d.mistake(genome, "simple, or letters such as aaaaaaabbbbc", "an IMIX is a word, not %s", describe(genome))
		return nil
	}
	if genome.Value == "simple" {
		return trafficgen.SimpleIMIX()
	}
	sizes, err := trafficgen.Genome(genome.Value, own)
	if err != nil {
		hint := "say the sizes of other letters: {genome: " + genome.Value + ", A: 70}"
		if nearest(genome.Value, []string{"simple"}) != "" {
			hint = "did you mean simple?"
		}
		d.mistake(genome, hint, "%v", err)
		return nil
	}
	return d.sizes(genome, sizes)
}

func (imix) schema(w *schemaWriter) map[string]any {
	genome := map[string]any{"type": "string", "pattern": "^(simple|[a-zA-Z]+)$", "examples": []any{"simple", "aaaaaaaddddg"}}
	described := maps.Clone(genome)
	described["description"] = "A letter for each frame; capitals and z are the sizes beside it."
	return map[string]any{"anyOf": []any{genome, map[string]any{"type": "object", "required": []string{"genome"},
		"properties":        map[string]any{"genome": described},
		"patternProperties": map[string]any{"^[A-Zz]$": oneSize.schema(w)}, "additionalProperties": false}}}
}

// mixed describes sizes in a sentence: "512-byte", or "64- to 1518-byte".
func mixed(s trafficgen.Stream) string {
	if len(s.Sizes) == 0 {
		return strconv.Itoa(s.Size) + "-byte"
	}
	return strconv.Itoa(slices.Min(s.Sizes)) + "- to " + strconv.Itoa(slices.Max(s.Sizes)) + "-byte"
}
