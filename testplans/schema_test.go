package testplans

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("plan.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("plan.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON reads YAML the way an editor does before it applies a schema.
func asJSON(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestShippedSchema keeps the schema file beside the shipped plans, which name
// it for editors, equal to what Schema returns.
func TestShippedSchema(t *testing.T) {
	const file = "plans/plan.schema.json"
	if *update {
		if err := os.WriteFile(file, Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	shipped, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(shipped, Schema()) {
		t.Errorf("%s is out of date; run go test ./testplans -run ShippedSchema -update", file)
	}
}

func TestSchemaAcceptsPlans(t *testing.T) {
	schema := compiledSchema(t)
	data, err := os.ReadFile("testdata/ring.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plans := map[string]string{
		"ring":   string(data),
		"repeat": flapping, "parallel": beside,
		"matrix": strings.Replace(head+"cases: [{id: A, title: A, matrix: {n: [1]}, steps: [{rollback: {node: r1, to: '{n}'}}]}]", "'", `"`, 2),
	}
	shipped, _ := filepath.Glob("plans/*.yaml")
	for _, file := range shipped {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		plans[file] = string(data)
	}
	for name, text := range plans {
		if err := schema.Validate(asJSON(t, text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaRefusesMistakes(t *testing.T) {
	schema := compiledSchema(t)
	if err := schema.Validate(asJSON(t, oneStep("rollback: {node: r1}"))); err != nil {
		t.Fatalf("the plan that the others are made from: %v", err)
	}
	for _, step := range []string{
		"rollback: {node: r1, too: 2}",
		"rollback: {to: 2}",
		"rollback: {node: r1, to: 50}",
		"rollback: {node: r1, to: two}",
		"{}",
		"{title: x}",
		"{rollback: {node: r1}, ping: {from: h1, to: h2}}",
		"check: {bgp: {}}",
		"check: {bgp: {node: r1, nodes: [r2]}}",
		"check: {bgp: {node: r1, state: upp}}",
		"check: {bgp: {node: r1}, ospf: {node: r1}}",
		"check: {bgp: {node: r1}, is-equal: 1}",
		"check: {rpc: x, node: r1, xpath: //x, is-equal: 1, is-gt: 0}",
		"check: {rpc: x, node: r1, xpath: //x, matches: y}",
		"check: {version: {node: r1}}",
		"wait-until: {ospf: {node: r1}}",
		"wait-until: {within: 30, ospf: {node: r1}}",
		"traffic: {start: s, loss: 0}",
		"traffic: {start: s, stop: s}",
		"fault: {link: a, process: {node: r1, name: ospfd}, state: down}",
		"throughput: {stream: s, sizes: [63]}",
		"throughput: {stream: s, at-least: 5fps, expect: 6fps}",
		"rfc2544: {}",
		"rfc2544: {throughput: {sizes: [64]}}",
		"rfc2544: {throughput: {stream: s, streams: [s]}}",
		"rfc2544: {throughput: {stream: s}, latency: {stream: s}}",
		"rfc2544: {reset: {stream: s}}",
		"rfc2544: {frame-loss: {stream: s, sizes: rfc9999}}",
		"rfc2544: {frame-loss: {stream: s, step: 0}}",
		"rfc2889: {throughput: {stream: s}}",
		"repeat: {steps: [{rollback: {node: r1}}]}",
		"repeat: {times: 0, steps: [{rollback: {node: r1}}]}",
		"repeat: {times: 2, steps: []}",
		"repeat: {times: 2, steps: [{roll: {node: r1}}]}",
		"repeat: {times: 2, steps: [{repeat: {times: 2, steps: [{rollback: {node: r1}}]}}]}",
		"{repeat: {times: 2, steps: [{rollback: {node: r1}}]}, rollback: {node: r1}}",
		"parallel: [[rollback: {node: r1}], [rollback: {node: r2}]]",
		"parallel: {a: [rollback: {node: r1}]}",
		"parallel: {a: [rollback: {node: r1}], b: []}",
		"parallel: {a: [rollback: {node: r1}], b: [{parallel: {c: [rollback: {node: r2}], d: [rollback: {node: r3}]}}]}",
		"parallel: {a: [rollback: {node: r1}], b: rollback}",
		"rfc2889: {address-learning: {stream: s}}",
	} {
		if schema.Validate(asJSON(t, oneStep(step))) == nil {
			t.Errorf("the schema accepts %s", step)
		}
		mistaken(t, oneStep(step)) // and so does Load refuse it
	}
	for _, plan := range []string{
		"plan: p", "[]", head, head + "cases: []", head + "cases: [{id: A, title: A}]",
		strings.Replace(oneStep("rollback: {node: r1}"), "regression", "other", 1),
		strings.Replace(oneStep("rollback: {node: r1}"), "id: A-1", "id: 1", 1),
		strings.Replace(oneStep("rollback: {node: r1}"), "to: h2", "to: h2, rate: fast", 1),
	} {
		if schema.Validate(asJSON(t, plan)) == nil {
			t.Errorf("the schema accepts %s", plan)
		}
		mistaken(t, plan)
	}
}

// TestSchemaDescribesEveryKey: editors show the descriptions as help.
func TestSchemaDescribesEveryKey(t *testing.T) {
	var schema struct {
		Properties map[string]map[string]any `json:"properties"`
		Defs       map[string]struct {
			Properties map[string]map[string]any `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	properties := map[string]map[string]map[string]any{"plan": schema.Properties}
	for name, def := range schema.Defs {
		properties[name] = def.Properties
	}
	keys := 0
	for name, props := range properties {
		for key, p := range props {
			keys++
			if s, _ := p["description"].(string); len(s) < 10 {
				t.Errorf("%s in %s has the description %q", key, name, s)
			}
		}
	}
	if keys < 100 {
		t.Errorf("the schema has only %d keys", keys)
	}
}
