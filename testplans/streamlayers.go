package testplans

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Layers of a stream: a list of names, each alone or with its fields. What
// layers and fields there are is package trafficgen's to say.

// layerStack reads layers:.
type layerStack struct{}

// A readStack is layers and where each stands in the file.
type readStack struct {
	layers []trafficgen.Layer
	nodes  []*yaml.Node
}

func (layerStack) read(d *decoder, n *yaml.Node) any {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		d.mistake(n, "such as [vlan: {id: 100}, ip, udp]", "layers must be a list of layers, outermost first, not %s", describe(n))
		return nil
	}
	before := len(d.mistakes)
	s := &readStack{}
	for _, item := range n.Content {
		if l, ok := d.layer(item); ok {
			s.layers, s.nodes = append(s.layers, l), append(s.nodes, item)
		}
	}
	if len(d.mistakes) > before {
		return nil
	}
	if s.layers[0].Kind != "eth" { // every frame begins with it
		s.layers = append([]trafficgen.Layer{{Kind: "eth"}}, s.layers...)
		s.nodes = append([]*yaml.Node{n.Content[0]}, s.nodes...)
	}
	if err, ok := trafficgen.CheckLayers(s.layers).(*trafficgen.LayerError); ok {
		d.mistake(s.nodes[err.Layer], err.Hint, "%s", err.Message)
		return nil
	}
	return s
}

// layer reads one layer: udp, {udp: {dport: 53}}, or {vlan: 100}.
func (d *decoder) layer(n *yaml.Node) (l trafficgen.Layer, ok bool) {
	key, value := n, (*yaml.Node)(nil)
	if n.Kind == yaml.MappingNode && len(n.Content) == 2 {
		key, value = n.Content[0], n.Content[1]
	} else if n.Kind != yaml.ScalarNode {
		d.mistake(n, "each layer is an item of the list", "a layer is its name, or its name with its fields, not %s", describe(n))
		return l, false
	}
	kind := trafficgen.Kind(key.Value)
	if kind == nil {
		d.mistake(key, suggest(key.Value, layerNames()), "there is no layer %q", key.Value)
		return l, false
	}
	l.Kind = kind.Name
	if value == nil || value.ShortTag() == "!!null" {
		return l, true
	}
	var read any
	if short := kind.Field(kind.Short); short != nil && value.Kind != yaml.MappingNode {
		if v, ok := (fieldValues{kind, short}).read(d, value).(trafficgen.Values); ok {
			read = map[string]any{short.Name: v}
		}
	} else {
		read = layerShapes[kind.Name].read(d, value)
	}
	fields, ok := read.(map[string]any)
	if !ok {
		return l, false
	}
	l.Fields = make(map[string]trafficgen.Values, len(fields))
	for name, v := range fields {
		l.Fields[name] = v.(trafficgen.Values)
	}
	return l, true
}

func layerNames() []string {
	names := make([]string, len(trafficgen.LayerKinds))
	for i, k := range trafficgen.LayerKinds {
		names[i] = k.Name
	}
	return names
}

// layerShapes are the layers' fields, by the layer's name.
var layerShapes = func() map[string]*shape {
	shapes := map[string]*shape{}
	for i := range trafficgen.LayerKinds {
		kind := &trafficgen.LayerKinds[i]
		s := &shape{name: kind.Name + "-layer", doc: kind.Doc}
		for k := range kind.Fields {
			f := &kind.Fields[k]
			s.fields = append(s.fields, field{key: f.Name, is: fieldValues{kind, f}, doc: f.Doc})
		}
		shapes[kind.Name] = s
	}
	return shapes
}()

func (layerStack) schema(w *schemaWriter) map[string]any {
	properties := map[string]any{}
	for _, kind := range trafficgen.LayerKinds {
		property := layerShapes[kind.Name].schema(w)
		if short := kind.Field(kind.Short); short != nil {
			property = map[string]any{"anyOf": []any{property, fieldValues{&kind, short}.schema(w)}}
		}
		property["description"] = kind.Doc
		properties[kind.Name] = map[string]any{"anyOf": []any{property, map[string]any{"type": "null"}}, "description": kind.Doc}
	}
	return map[string]any{"type": "array", "minItems": 1, "items": map[string]any{"anyOf": []any{
		map[string]any{"enum": layerNames()},
		map[string]any{"type": "object", "minProperties": 1, "maxProperties": 1, "properties": properties, "additionalProperties": false},
	}}}
}

// fieldValues reads what a field has: a value, a list of values, or a mapping
// that says how they come about.
type fieldValues struct {
	kind  *trafficgen.LayerKind
	field *trafficgen.Field
}

var valuesShape = &shape{
	name: "values",
	doc:  "Values of a layer's field that the frames take in turn.",
	fields: []field{
		{key: "from", is: anyText, doc: "The first value."},
		{key: "step", is: anyText, with: []string{"from"}, doc: "What each value is more than the one before: a number, or an address such as 0.0.1.0; 1 unless said."},
		{key: "list", is: list{of: anyText, min: 1}, doc: "The values one by one."},
		{key: "random", is: anyText, doc: "Values drawn from this range, both ends included: 1024..65535."},
		{key: "seed", is: integer(0, 1<<53), with: []string{"random"}, doc: "Another seed draws other values; the same one always the same. 0 unless said."},
		{key: "count", is: integer(1, trafficgen.MaxCards), with: []string{"from", "random"}, doc: "How many values. Of random ones 1024 unless said, brought up to a power of two."},
	},
	choose: []choice{{keys: []string{"from", "list", "random"}}},
}

func (v fieldValues) read(d *decoder, n *yaml.Node) any {
	switch n.Kind {
	case yaml.ScalarNode:
		text, ok := v.one(d, n)
		if !ok {
			return nil
		}
		return trafficgen.Only(text)
	case yaml.SequenceNode:
		return v.list(d, n)
	}
	o, ok := valuesShape.read(d, n).(map[string]any)
	if !ok {
		return nil
	}
	if items := entry(n, "list"); items != nil {
		return v.list(d, items)
	}
	text := func(key string) string { s, _ := o[key].(string); return v.named(s) }
	values := trafficgen.Values{From: text("from"), Step: text("step")}
	values.Count, _ = o["count"].(int)
	seed, _ := o["seed"].(int)
	values.Seed = uint64(seed)
	if random := text("random"); random != "" {
		from, to, ok := strings.Cut(random, "..")
		if !ok {
			d.mistake(entry(n, "random"), "such as 1024..65535", "%q is not a range", random)
			return nil
		}
		values.From, values.To = v.named(strings.TrimSpace(from)), v.named(strings.TrimSpace(to))
		if values.Count == 0 {
			values.Count = trafficgen.DefaultDraws
		}
		values.Count = trafficgen.Draws(values.Count)
	} else if values.Count == 0 {
		d.mistake(n, "say count:", "values from %s on need to be a number of them", values.From)
		return nil
	}
	if err := v.kind.Check(v.field.Name, values); err != nil {
		d.mistake(n, "", "%v", err)
		return nil
	}
	return values
}

// one reads a single value.
func (v fieldValues) one(d *decoder, n *yaml.Node) (string, bool) {
	if n.ShortTag() == "!!null" || n.Value == "" {
		d.mistake(n, "", "%s has no value", v.field.Name)
		return "", false
	}
	text := v.named(n.Value)
	if err := v.kind.Check(v.field.Name, trafficgen.Only(text)); err != nil {
		d.mistake(n, v.hint(n.Value), "%v", err)
		return "", false
	}
	return text, true
}

func (v fieldValues) list(d *decoder, n *yaml.Node) any {
	values := trafficgen.Values{}
	before := len(d.mistakes)
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode {
			d.mistake(item, "", "a value of %s must be a number or text, not %s", v.field.Name, describe(item))
		} else if text, ok := v.one(d, item); ok {
			values.List = append(values.List, text)
		}
	}
	switch {
	case len(d.mistakes) > before:
		return nil
	case len(values.List) == 0:
		d.mistake(n, "", "%s has no value", v.field.Name)
		return nil
	case len(values.List) > trafficgen.MaxCards:
		d.mistake(n, "", "%d values of %s are more than %d", len(values.List), v.field.Name, trafficgen.MaxCards)
		return nil
	}
	return values
}

// named turns the name of a code point into its number.
func (v fieldValues) named(text string) string {
	if number, ok := dscpNames[strings.ToLower(text)]; ok && v.field.Name == "dscp" {
		return strconv.Itoa(number)
	}
	return text
}

// hint is the nearest right word, where a field takes words.
func (v fieldValues) hint(text string) string {
	if v.field.Name == "dscp" {
		return suggest(text, dscpWords())
	}
	return ""
}

func (v fieldValues) schema(w *schemaWriter) map[string]any {
	one := map[string]any{"type": []string{"string", "number"}, "examples": []any{v.example()}}
	return map[string]any{"anyOf": []any{one,
		map[string]any{"type": "array", "minItems": 1, "items": map[string]any{"type": []string{"string", "number"}}},
		valuesShape.schema(w)}}
}

func (v fieldValues) example() any {
	switch v.field.Type {
	case trafficgen.MAC:
		return "02:00:00:00:00:01"
	case trafficgen.IPv4:
		return "192.0.2.1"
	case trafficgen.IPv6:
		return "2001:db8::1"
	case trafficgen.Bytes:
		return "0800"
	case trafficgen.TCPFlags:
		return "syn+ack"
	}
	return fmt.Sprint(uint64(1)<<(v.field.Bits-1) - 1 + 1)
}
